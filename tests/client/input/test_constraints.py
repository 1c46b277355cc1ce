"""Each field of each request: the client sends valid values and refuses invalid ones."""

import copy
import json
import re
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram.errors import InvalidInputError
from tests.client.conftest import CREATE, EDIT, EDIT_BODY, PAGE_ANSWER, QUERY, TASK_ID, UPLOAD, Client, record
from tests.contract.facts import ARGUMENTS, FIELDS, REQUIRED, Field, least

STORED = {"code": 200, "msg": "ok", "data": {"downloadUrl": "https://example.com/a.png"}}
LINK = {"code": 200, "msg": "success", "data": "https://example.com/a.png"}


def label(field: Field, rule: str, value: Any) -> str:
    text = f"{field.call} {field.at} {rule} {value!r}"[:80]
    return re.sub(r"[^\w\[\]{}.:/ -]", "?", text)


CALLED = [field for field in FIELDS if field.call != "get"]
ACCEPTED = [
    pytest.param(field, value, id=label(field, "", value)) for field in CALLED for value in field.accepts
]
REFUSED = [
    pytest.param(field, rule, value, id=label(field, rule, value))
    for field in CALLED
    for rule, value in field.refuses
]


ACCEPTED_ARGUMENTS = [each for each in ACCEPTED if each.values[0] in ARGUMENTS.values()]
# For an argument, None means that it is omitted. Only a required one must not be omitted.
REFUSED_ARGUMENTS = [
    each
    for each in REFUSED
    if each.values[0] in ARGUMENTS.values()
    and (each.values[2] is not None or each.values[0] in REQUIRED.values())
]
LIMITED = [field for field in CALLED if field.max_length]


def call(client: Client, field: Field, value: Any) -> Any:
    """Call with the smallest request and this value of one field. Submissions are whole bodies."""
    if field.call != "create":
        method = getattr(client.kie.files, field.call)
        return client.do(method(**{**least(field.call), field.argument: value}))
    body = copy.deepcopy(EDIT_BODY)
    target: Any = body
    *parents, last = field.path
    for parent in parents:
        target = target[parent]
    target[last] = value
    return client.do(client.kie.tasks.create(body))


@pytest.fixture
def accepting(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_optional=True)
    httpx_mock.add_response(url=re.compile(f"{UPLOAD}/.*"), json=STORED, is_optional=True)
    httpx_mock.add_response(url=re.compile(".*/download-url"), json=LINK, is_optional=True)


@pytest.mark.usefixtures("accepting")
@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_valid_value_is_sent_unchanged(
    client: Client, httpx_mock: HTTPXMock, field: Field, value: Any
) -> None:
    call(client, field, value)

    (request,) = httpx_mock.get_requests()
    if field.call == "upload":
        assert f'name="{field.at}"'.encode() in request.content
        assert (value if isinstance(value, bytes) else value.encode()) in request.content
        return
    sent = json.loads(request.content)
    for name in field.path:
        sent = sent[name]
    assert sent == value


@pytest.mark.parametrize(("field", "rule", "value"), REFUSED)
def test_invalid_value_is_refused_by_its_rule(
    client: Client, httpx_mock: HTTPXMock, field: Field, rule: str, value: Any
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        call(client, field, value)
    # A body's members have the service's names, arguments the caller's.
    at = field.at if field.call == "create" else field.argument
    assert (at, rule) in [(fault.path, fault.rule) for fault in caught.value.faults]
    assert httpx_mock.get_requests() == []


@pytest.mark.usefixtures("accepting")
@pytest.mark.parametrize(("field", "value"), ACCEPTED_ARGUMENTS)
def test_valid_argument_is_sent_as_its_field(
    client: Client, httpx_mock: HTTPXMock, field: Field, value: Any
) -> None:
    client.do(client.kie.character_edit.create(**{**EDIT, field.argument: value}))
    sent = json.loads(httpx_mock.get_requests()[0].content)
    for name in field.path:
        sent = sent[name]
    assert sent == value


@pytest.mark.parametrize(("field", "rule", "value"), REFUSED_ARGUMENTS)
def test_invalid_argument_is_refused_by_its_name(
    client: Client, httpx_mock: HTTPXMock, field: Field, rule: str, value: Any
) -> None:
    arguments = {**EDIT, field.argument: value}
    with pytest.raises(InvalidInputError) as caught:
        client.do(client.kie.character_edit.create(**arguments))
    expected = "required" if value is None else rule
    assert [(fault.path, fault.rule) for fault in caught.value.faults] == [(field.argument, expected)]
    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize("field", LIMITED, ids=lambda field: f"{field.call}-{field.at}")
def test_message_of_a_limit_names_length_and_limit(client: Client, field: Field) -> None:
    limit = field.max_length or 0
    with pytest.raises(InvalidInputError, match=f"{limit + 1:,}.*{limit:,}"):
        call(client, field, "a" * (limit + 1))


def test_task_id_of_one_character_is_sent(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY.replace(TASK_ID, "a"), json=record("waiting", taskId="a"))
    assert client.do(client.kie.tasks.get("a")).id == "a"
