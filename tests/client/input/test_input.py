"""Invalid input: the message names the field, the rule and what was expected; nothing is sent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram._runtime.contract.json_schema import compile_schema
from kie_ideogram.errors import ConfigurationError, Fault, InvalidInputError
from tests.client.conftest import EDIT, EDIT_BODY, KEY, TASK_ID, Client
from tests.contract.facts import ARGUMENTS, DATA, MODEL, REQUIRED, TEXT, Field, body

INTEGERS = [
    field.argument for field in ARGUMENTS.values() if any(type(each) is int for each in field.accepts)
]
LISTS = [field for field in REQUIRED.values() if isinstance(field.required, list)]


@pytest.fixture(autouse=True)
def no_request(httpx_mock: HTTPXMock) -> Iterator[None]:
    yield
    assert httpx_mock.get_requests() == []


def faults(client: Client, changes: Mapping[str, Any] | None = None, without: str = "") -> dict[str, Fault]:
    """Submit the smallest request with changes; return the faults by path."""
    arguments = {**EDIT, **(changes or {})}
    arguments.pop(without, None)
    with pytest.raises(InvalidInputError) as caught:
        client.do(client.kie.character_edit.create(**arguments))
    found = {fault.path: fault for fault in caught.value.faults}
    assert len(found) == len(caught.value.faults)
    for fault in found.values():
        assert fault.path in str(caught.value)
        assert fault.rule in str(caught.value)
    return found


def rules(found: dict[str, Fault]) -> dict[str, str]:
    return {path: fault.rule for path, fault in found.items()}


@pytest.mark.parametrize(("field", "wrong"), [(f, wrong) for f in ARGUMENTS.values() for wrong in f.misspelt])
def test_wrong_argument_gets_a_suggestion(client: Client, field: Field, wrong: str) -> None:
    found = faults(client, {wrong: "x"})
    assert rules(found) == {wrong: "additionalProperties"}
    message = found[wrong].message
    assert f"did you mean '{field.argument}'" in message
    assert ", ".join(ARGUMENTS) in message


def test_unrecognisable_argument_gets_no_suggestion(client: Client) -> None:
    assert "did you mean" not in faults(client, {"zzz": 1})["zzz"].message


@pytest.mark.parametrize(
    ("field", "wrong"), [(f, wrong) for f in REQUIRED.values() for wrong in f.misspelt], ids=str
)
def test_misspelt_required_argument_is_missing_and_unknown(client: Client, field: Field, wrong: str) -> None:
    found = faults(client, {wrong: field.required}, without=field.argument)
    assert rules(found) == {field.argument: "required", wrong: "additionalProperties"}


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_argument_is_named(client: Client, name: str) -> None:
    assert rules(faults(client, without=name)) == {name: "required"}
    assert rules(faults(client, {name: None})) == {name: "required"}


@pytest.mark.parametrize(
    ("field", "wrong"), [(f, wrong) for f in ARGUMENTS.values() for wrong in f.misspelt_at], ids=str
)
def test_wrong_member_of_a_body_gets_a_suggestion(client: Client, field: Field, wrong: str) -> None:
    message = rf"{wrong}: no such field.*did you mean '{field.path[-1]}'"
    with pytest.raises(InvalidInputError, match=message):
        client.do(client.kie.tasks.create({**EDIT_BODY, wrong: "https://example.com"}))


def body_faults(client: Client, made: Any) -> dict[str, str]:
    """Submit a whole body; return the broken rules by path."""
    with pytest.raises(InvalidInputError) as caught:
        client.do(client.kie.tasks.create(made))
    return {fault.path: fault.rule for fault in caught.value.faults}


@pytest.mark.parametrize("field", REQUIRED.values(), ids=REQUIRED)
def test_missing_member_of_a_body_is_named(client: Client, field: Field) -> None:
    made = body({name: value for name, value in EDIT.items() if name != field.argument})
    assert body_faults(client, made) == {field.at: "required"}


@pytest.mark.parametrize("name", DATA["not-fields"])
def test_member_of_another_model_is_refused(client: Client, name: str) -> None:
    made = {**EDIT_BODY, "input": {**EDIT_BODY["input"], name: "1"}}
    assert body_faults(client, made) == {f"input.{name}": "additionalProperties"}


@pytest.mark.parametrize(("name", "other"), DATA["excludes"].items())
def test_excluded_members_of_a_body_are_refused(client: Client, name: str, other: str) -> None:
    made = body({**EDIT, name: ARGUMENTS[name].options[0]})
    made["input"][other] = ["ABCD1234"]
    assert body_faults(client, made) == {f"input.{other}": "dependentSchemas"}


@pytest.mark.parametrize("name", DATA["not-fields"])
def test_field_of_another_model_is_refused(client: Client, name: str) -> None:
    assert rules(faults(client, {name: "1"})) == {name: "additionalProperties"}


def test_lone_surrogate_is_refused(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="surrogate"):
        client.do(client.kie.character_edit.create(**{**EDIT, TEXT.argument: "\ud83d"}))


def test_empty_list_names_the_minimum(client: Client) -> None:
    for field in LISTS:
        found = faults(client, {field.argument: []})
        assert rules(found) == {field.argument: "minItems"}
        assert "at least 1" in found[field.argument].message


def test_single_value_for_a_list_suggests_a_list(client: Client) -> None:
    for field in LISTS:
        found = faults(client, {field.argument: field.required[0]})
        assert rules(found) == {field.argument: "type"}
        assert "put it in a list" in found[field.argument].message


def test_invalid_item_is_named_by_its_index(client: Client) -> None:
    for field in LISTS:
        found = faults(client, {field.argument: [*field.required, "b.png"]})
        assert rules(found) == {f"{field.argument}[1]": "format"}
        assert "b.png" in found[f"{field.argument}[1]"].message


@pytest.mark.parametrize("name", [f.argument for f in ARGUMENTS.values() if "2" in f.options])
def test_number_for_an_option_suggests_text(client: Client, name: str) -> None:
    found = faults(client, {name: 2})
    assert rules(found) == {name: "type"}
    assert "write '2'" in found[name].message


@pytest.mark.parametrize(
    ("field", "value"),
    [(f, value) for f in ARGUMENTS.values() for rule, value in f.refuses if rule == "enum"],
    ids=str,
)
def test_unknown_option_lists_the_options(client: Client, field: Field, value: str) -> None:
    found = faults(client, {field.argument: value})
    assert rules(found) == {field.argument: "enum"}
    assert repr(value) in found[field.argument].message
    assert ", ".join(field.options) in found[field.argument].message


@pytest.mark.parametrize(
    ("field", "wrong", "meant"),
    [(field, *pair) for field in ARGUMENTS.values() for pair in field.near.items()],
    ids=str,
)
def test_misspelt_option_gets_a_suggestion(client: Client, field: Field, wrong: str, meant: str) -> None:
    assert f"did you mean '{meant}'" in faults(client, {field.argument: wrong})[field.argument].message


@pytest.mark.parametrize(("name", "other"), DATA["excludes"].items())
def test_excluded_combination_names_the_other_field(client: Client, name: str, other: str) -> None:
    found = faults(client, {name: ARGUMENTS[name].options[0], other: ["ABCD1234"]})
    assert rules(found) == {other: "dependentSchemas"}
    assert f"together with '{name}'" in found[other].message
    assert rules(faults(client, {other: ["ABCD1234"]})) == {other: "additionalProperties"}


def test_all_faults_are_reported_together(client: Client) -> None:
    missing, *present = ARGUMENTS.values()
    wrong = {
        field.argument: next((rule, value) for rule, value in field.refuses if value is not None)
        for field in present
    }
    values = {name: value for name, (_, value) in wrong.items()}
    found = faults(client, {**values, "colour": "red"}, without=missing.argument)
    assert rules(found) == {
        missing.argument: "required",
        "colour": "additionalProperties",
        **{name: rule for name, (rule, _) in wrong.items()},
    }


@pytest.mark.parametrize("body", [None, [], "{}", 7])
def test_body_of_another_type_is_refused(client: Client, body: object) -> None:
    with pytest.raises(InvalidInputError, match="body: expected an object"):
        client.do(client.kie.tasks.create(body))


def test_body_without_input_is_refused(client: Client) -> None:
    with pytest.raises(InvalidInputError, match=r"input: is missing \(required\)"):
        client.do(client.kie.tasks.create({"model": MODEL}))


def test_unknown_model_gets_a_suggestion(client: Client) -> None:
    with pytest.raises(InvalidInputError, match=f"model: .*is not one of.*did you mean '{MODEL}'"):
        client.do(client.kie.tasks.create({**EDIT_BODY, "model": MODEL.replace("-", "")}))


@pytest.mark.parametrize("task_id", ["", None, 7])
def test_task_id_must_be_a_string_with_text(client: Client, task_id: object) -> None:
    with pytest.raises(InvalidInputError, match="task_id"):
        client.do(client.kie.tasks.get(task_id))


def test_wait_with_timeout_still_refuses_a_bad_id(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="task_id"):
        client.do(client.kie.tasks.wait("", timeout=1))


class TestConfiguration:
    def test_missing_key_names_the_environment_variable(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("KIE_API_KEY", raising=False)
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            client.make(api_key=None)

    def test_empty_environment_variable_counts_as_missing(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KIE_API_KEY", "")
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            client.make(api_key=None)

    @pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY} ", f"{KEY}\r\nX-Evil: 1", "schlüssel", "\x00", 7])
    def test_invalid_key_is_refused_and_not_shown(self, client: Client, key: Any) -> None:
        with pytest.raises(ConfigurationError, match="API key") as caught:
            client.make(api_key=key)
        assert str(key).strip() not in str(caught.value) or key in (7, "\x00")

    @pytest.mark.parametrize("name", ["base_url", "upload_base_url"])
    @pytest.mark.parametrize("url", ["api.kie.ai", "//api.kie.ai", "ftp://api.kie.ai", "https://", "", 7])
    def test_invalid_base_url_names_the_argument(self, client: Client, name: str, url: Any) -> None:
        with pytest.raises(ConfigurationError, match=rf"^{name}: "):
            client.make(**{name: url})

    @pytest.mark.parametrize(
        "url", ["https://user:secret@api.kie.ai", "https://api.kie.ai?x=1", "https://api.kie.ai/#x"]
    )
    def test_base_url_with_credentials_or_query_is_refused(self, client: Client, url: str) -> None:
        with pytest.raises(ConfigurationError, match="base_url: leave out") as caught:
            client.make(base_url=url)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("timeout", [0, -1, float("nan")])
    def test_timeout_of_a_client_must_be_positive(self, client: Client, timeout: float) -> None:
        with pytest.raises(ConfigurationError, match="timeout"):
            client.make(timeout=timeout)


def test_wait_refuses_nan(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="timeout"):
        client.do(client.kie.tasks.wait(TASK_ID, timeout=float("nan")))


class TestLoneSurrogate:
    def test_lone_surrogate_in_a_submission_is_refused(self, client: Client) -> None:
        with pytest.raises(InvalidInputError, match=f"^{TEXT.argument}: contains a lone surrogate"):
            client.do(client.kie.character_edit.create(**{**EDIT, TEXT.argument: "\ud800"}))

    def test_error_about_a_lone_surrogate_can_be_printed(self, client: Client) -> None:
        given = {"prompt": "p", "mask": b"", "reference": b"", "image": "\ud800.png"}
        with pytest.raises(InvalidInputError, match=r"image: \\ud800\.png") as caught:
            client.do(client.kie.character_edit.run(**given))
        assert str(caught.value).encode()

    def test_lone_surrogate_in_another_argument_is_refused(self, client: Client) -> None:
        with pytest.raises(InvalidInputError, match="task_id: contains a lone surrogate"):
            client.do(client.kie.tasks.get("\ud800"))
        with pytest.raises(InvalidInputError, match="upload_path: contains a lone surrogate"):
            client.do(client.kie.files.upload(b"x", upload_path="\ud800"))


@pytest.mark.parametrize("number", [10**5000, -(10**5000)], ids=["positive", "negative"])
@pytest.mark.parametrize("name", INTEGERS)
def test_number_of_5000_digits_is_refused(client: Client, name: str, number: int) -> None:
    with pytest.raises(InvalidInputError, match=f"^{name}: has too many digits"):
        client.do(client.kie.character_edit.create(**EDIT, **{name: number}))


@pytest.mark.parametrize("timeout", ["5", float("nan"), b"5"])
def test_wait_refuses_a_timeout_that_is_not_a_number(client: Client, timeout: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^timeout: must be a number of seconds"):
        client.do(client.kie.tasks.wait("t", timeout=timeout))


def test_file_that_cannot_be_read_again_is_refused(client: Client) -> None:
    class Stream:
        def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(InvalidInputError, match="file: expected an open binary file that can be read again"):
        client.do(client.kie.files.upload(Stream()))


@pytest.mark.parametrize("url", ["https://example.com:99999", "https://example.com:0"])
def test_port_out_of_range_is_refused(client: Client, url: str) -> None:
    with pytest.raises(ConfigurationError, match="no port between 1 and 65535"):
        client.make(base_url=url)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("^[0-9]+$", "12", True),
        ("^[0-9]+$", "12\n", False),
        (r"^\$$", "$", True),
        (r"^\$$", "$\n", False),
        (r"^[$]+$", "$$", True),
        (r"^[$]+$", "", False),
        (r"^[\]$]$", "$", True),
    ],
)
def test_pattern_ends_where_the_text_ends(pattern: str, text: str, fits: bool) -> None:
    faults: list[Fault] = []
    compile_schema({"pattern": pattern})(text, "a", faults)
    assert (not faults) is fits


@pytest.mark.parametrize("url", ["ftp://me:s3cret@host", "https://me:s3cret@host:0", "https://me:s3cret@"])
def test_password_in_a_base_url_is_not_shown(client: Client, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client.make(base_url=url)
    assert "s3cret" not in str(caught.value)


def test_closed_or_write_only_file_is_refused(client: Client, tmp_path: Path) -> None:
    refused = pytest.raises(InvalidInputError, match="file: expected an open binary file")
    with (tmp_path / "a").open("wb") as file, refused:
        client.do(client.kie.files.upload(file))
    with pytest.raises(InvalidInputError, match="file: expected an open binary file"):
        client.do(client.kie.files.upload(file))
