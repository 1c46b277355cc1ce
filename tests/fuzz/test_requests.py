"""The client, the sandbox, and `jsonschema` with the spec accept and reject the same requests."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contract.load import load
from generator.replay.schema import schema_faults
from kie_ideogram import Kie
from kie_ideogram._runtime.contract.json_schema import compile_schema
from kie_ideogram._runtime.http.request import encode
from kie_ideogram._runtime.tasks.submit.body import parse_body
from kie_ideogram.errors import InvalidInputError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.client.conftest import KEY
from tests.contract.facts import DATA, MODEL, OPTIONAL, Field
from tests.sandbox.support import SPEC, Caller, mask, operation, picture

OPENAPI = load(SPEC).data
REQUEST = OPENAPI["components"]["schemas"]["CharacterEditRequest"]

BOUNDED = settings(max_examples=300, derandomize=True, database=None, deadline=None)

odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1, 1.0, 0.5, "", "x", [], {}, "TURBO", "1", "4", "5", ["a"], [7], "a b:c"]
)
text = st.text(max_size=12)
# Long texts would make a failing example unreadable. tests/contract/facts.yaml has the limit.
uris = st.sampled_from(["https://example.com/a.png", "http://[::1]/a", "a:b", "//a", "https://a b", "é", ""])
# The optional fields of the input.
OPTIONS = [field for field in OPTIONAL.values() if len(field.path) > 1]


def valid(field: Field) -> st.SearchStrategy[Any]:
    """Return a strategy of valid values of an optional field."""
    if any(type(value) is int for value in field.accepts):
        return st.integers()
    return st.sampled_from(field.accepts) if field.accepts else text


fields = {
    "prompt": text | odd,
    "image_url": uris | text | odd,
    "mask_url": uris | odd,
    "reference_image_urls": st.lists(uris, max_size=2) | odd,
    **{str(field.path[-1]): valid(field) | odd for field in OPTIONS},
    **dict.fromkeys(DATA["excludes"].values(), odd),
}
OPTIONAL_FIELDS = {str(field.path[-1]): fields[str(field.path[-1])] for field in OPTIONS}
inputs = st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(
    {"prompt": text, "image_url": uris, "mask_url": uris, "reference_image_urls": st.lists(uris, min_size=1)},
    optional=OPTIONAL_FIELDS,
)
bodies = st.fixed_dictionaries(
    {"model": st.just(MODEL), "input": inputs}, optional={"callBackUrl": uris | odd, "other": odd}
)

kie = Kie(KEY)
CHECK = compile_schema(kie._session.contract.models[MODEL].schema)


@BOUNDED
@given(body=bodies)
def test_client_and_spec_agree_about_bodies(body: dict[str, Any]) -> None:
    found: list[Any] = []
    CHECK(body, "", found)
    assert bool(found) == bool(schema_faults(OPENAPI, REQUEST, body)), (found, body)


@settings(BOUNDED, max_examples=100)
@given(body=bodies)
def test_client_and_sandbox_agree_about_bodies(body: dict[str, Any]) -> None:
    found: list[Any] = []
    CHECK(body, "", found)
    sandbox = Sandbox(clock=VirtualClock(), balance=1e6)
    with Caller(sandbox) as caller:
        reply = caller.call("createTask", content=encode(body))
    # The images do not exist, which the client cannot know.
    assert reply["code"] == 422
    assert ("is not the URL of an uploaded file" not in reply["msg"]) == bool(found), (found, reply)


words = st.sampled_from(["a", "a/b", "/a", "a/", "", "é", "a\n", "aGVsbG8=", "!"]) | uris | odd
FIELDS = {
    "uploadBase64": ("base64Data", "uploadPath", "fileName"),
    "uploadUrl": ("fileUrl", "uploadPath", "fileName"),
    "getDownloadUrl": ("url",),
}


@pytest.mark.parametrize("name", FIELDS)
def test_all_agree_about_files_and_links(name: str) -> None:
    path, method = operation(name)
    schema = OPENAPI["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    check = compile_schema(kie._session.contract.operations[name].schema)
    members = dict.fromkeys((*FIELDS[name], "other"), words)

    @settings(BOUNDED, max_examples=100)
    @given(body=st.fixed_dictionaries({}, optional=members) | odd)
    def agree(body: Any) -> None:
        found: list[Any] = []
        check(body, "", found)
        assert bool(found) == bool(schema_faults(OPENAPI, schema, body)), (found, body)
        reply = caller.call(name, content=encode(body))
        # The file may not exist, which the client cannot know.
        assert reply["code"] != 200 or not found, (found, body)

    with Caller(Sandbox(clock=VirtualClock())) as caller:
        agree()


def test_sandbox_accepts_valid_bodies_with_real_images() -> None:
    sandbox = Sandbox(clock=VirtualClock(), balance=1e6)
    with Caller(sandbox) as caller:
        urls = [caller.upload(content) for content in (picture(), mask(), picture("navy"))]

        @settings(BOUNDED, max_examples=60)
        @given(extra=st.fixed_dictionaries({"prompt": text}, optional=OPTIONAL_FIELDS))
        def agree(extra: dict[str, Any]) -> None:
            given = {"image_url": urls[0], "mask_url": urls[1], "reference_image_urls": [urls[2]], **extra}
            found: list[Any] = []
            body = {"model": MODEL, "input": given}
            CHECK(body, "", found)
            sandbox.clock.sleep(11)
            assert (caller.call("createTask", content=encode(body))["code"] == 200) == (not found)

        agree()


@settings(BOUNDED, max_examples=60)
@given(body=odd | st.dictionaries(st.text(max_size=9), odd, max_size=3))
def test_invalid_body_raises_invalid_input_error(body: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_body(kie._session.contract, "createTask", body)
    assert caught.value.faults
