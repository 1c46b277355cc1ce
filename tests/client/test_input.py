"""Bad input: the field, the rule, what was expected; nothing is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram._runtime.contract.json_schema import compile_schema
from kie_ideogram.errors import ConfigurationError, Fault, InvalidInputError
from tests.client.conftest import EDIT, EDIT_BODY, KEY, TASK_ID, Client


@pytest.fixture(autouse=True)
def nothing_is_sent(httpx_mock: HTTPXMock) -> Iterator[None]:
    yield
    assert httpx_mock.get_requests() == []


def faults(client: Client, *, without: str = "", **members: Any) -> dict[str, Fault]:
    """Create with the least request, changed; return what was found wrong, by path."""
    arguments = {**EDIT, **members}
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


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("rendering_sped", "rendering_speed"),
        ("Style", "style"),
        ("seeds", "seed"),
        ("callback_url", "call_back_url"),
        ("callBackUrl", "call_back_url"),
    ],
)
def test_a_wrong_argument_names_itself_the_others_and_the_near_miss(
    client: Client, wrong: str, meant: str
) -> None:
    found = faults(client, **{wrong: "x"})
    assert rules(found) == {f"{wrong}": "additionalProperties"}
    message = found[f"{wrong}"].message
    assert f"did you mean '{meant}'" in message
    assert "prompt, image_url, mask_url, reference_image_urls" in message


def test_a_wrong_argument_near_nothing_gets_no_guess(client: Client) -> None:
    assert "did you mean" not in faults(client, zzz=1)["zzz"].message


def test_a_misspelt_required_argument_is_both_missing_and_unknown(client: Client) -> None:
    found = faults(client, without="prompt", promt="a red scarf")
    assert rules(found) == {"prompt": "required", "promt": "additionalProperties"}
    assert "did you mean 'prompt'" in found["promt"].message


@pytest.mark.parametrize("name", ["prompt", "image_url", "mask_url", "reference_image_urls"])
def test_a_missing_argument_is_named(client: Client, name: str) -> None:
    assert rules(faults(client, without=name)) == {f"{name}": "required"}
    assert rules(faults(client, **dict[str, Any]({name: None}))) == {f"{name}": "required"}


def test_a_wrong_field_of_a_whole_body_names_the_near_miss(client: Client) -> None:
    body = {"model": "ideogram/character-edit", "input": EDIT, "callbackUrl": "https://example.com"}
    with pytest.raises(InvalidInputError, match=r"callbackUrl: no such field.*did you mean 'callBackUrl'"):
        client.do(client.kie.tasks.create(body))


@pytest.mark.parametrize("name", ["image_size", "negative_prompt", "strength", "sync_mode", "ratio"])
def test_fields_of_other_models_are_refused(client: Client, name: str) -> None:
    assert rules(faults(client, **{name: "1"})) == {f"{name}": "additionalProperties"}


# U+1F600 lies outside the basic plane: two units in UTF-16, four bytes in UTF-8, one code point.
@pytest.mark.parametrize("char", ["a", "头", "\U0001f600"])
def test_a_prompt_of_5001_characters_is_too_long(client: Client, char: str) -> None:
    found = faults(client, prompt=char * 5001)
    assert rules(found) == {"prompt": "maxLength"}
    assert found["prompt"].message == "5,001 characters, at most 5,000"


def test_half_a_character_is_no_text(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="surrogate"):
        client.do(client.kie.character_edit.create(**{**EDIT, "prompt": "\ud83d"}))


def test_an_empty_reference_list_is_refused(client: Client) -> None:
    found = faults(client, reference_image_urls=[])
    assert rules(found) == {"reference_image_urls": "minItems"}
    assert "at least 1" in found["reference_image_urls"].message


def test_one_reference_outside_a_list_is_told_so(client: Client) -> None:
    found = faults(client, reference_image_urls="https://example.com/ref.png")
    assert rules(found) == {"reference_image_urls": "type"}
    assert "put it in a list" in found["reference_image_urls"].message


def test_a_reference_that_is_no_uri_is_named_by_its_place(client: Client) -> None:
    found = faults(client, reference_image_urls=["https://example.com/a.png", "b.png"])
    assert rules(found) == {"reference_image_urls[1]": "format"}
    assert "b.png" in found["reference_image_urls[1]"].message


def test_the_number_of_images_as_a_number_is_told_to_be_text(client: Client) -> None:
    found = faults(client, num_images=2)
    assert rules(found) == {"num_images": "type"}
    assert "write '2'" in found["num_images"].message


def test_too_many_images_are_refused(client: Client) -> None:
    found = faults(client, num_images="8")
    assert rules(found) == {"num_images": "enum"}
    assert "1, 2, 3, 4" in found["num_images"].message


def test_an_unknown_style_lists_the_styles_and_the_near_miss(client: Client) -> None:
    found = faults(client, style="REALISTC")
    assert rules(found) == {"style": "enum"}
    message = found["style"].message
    assert "REALISTC" in message
    assert "AUTO, REALISTIC, FICTION" in message
    assert "did you mean 'REALISTIC'" in message


def test_an_empty_string_is_not_a_style(client: Client) -> None:
    assert rules(faults(client, style="")) == {"style": "enum"}


def test_style_codes_beside_a_style_break_the_rule_between_them(client: Client) -> None:
    found = faults(client, style="AUTO", style_codes=["ABCD1234"])
    assert rules(found) == {"style_codes": "dependentSchemas"}
    assert "together with 'style'" in found["style_codes"].message


def test_style_codes_alone_are_no_field_of_this_model(client: Client) -> None:
    assert rules(faults(client, style_codes=["ABCD1234"])) == {"style_codes": "additionalProperties"}


@pytest.mark.parametrize("seed", [1.5, "7", True, float("nan")])
def test_a_seed_is_an_integer(client: Client, seed: object) -> None:
    assert rules(faults(client, seed=seed)) == {"seed": "type"}


@pytest.mark.parametrize("flag", ["true", 1, 0])
def test_a_flag_is_true_or_false(client: Client, flag: object) -> None:
    assert rules(faults(client, expand_prompt=flag)) == {"expand_prompt": "type"}


def test_a_callback_url_is_a_uri(client: Client) -> None:
    assert rules(faults(client, call_back_url="your-domain.com/hook")) == {"call_back_url": "format"}


def test_all_that_is_wrong_is_told_at_once(client: Client) -> None:
    found = faults(
        client,
        without="mask_url",
        prompt="a" * 5001,
        reference_image_urls=[],
        num_images=2,
        style="x",
        colour="red",
    )
    assert rules(found) == {
        "mask_url": "required",
        "prompt": "maxLength",
        "reference_image_urls": "minItems",
        "num_images": "type",
        "style": "enum",
        "colour": "additionalProperties",
    }


@pytest.mark.parametrize("body", [None, [], "{}", 7])
def test_a_body_that_is_no_object_is_refused(client: Client, body: object) -> None:
    with pytest.raises(InvalidInputError, match="body: expected an object"):
        client.do(client.kie.tasks.create(body))


def test_a_body_without_input_names_what_is_missing(client: Client) -> None:
    with pytest.raises(InvalidInputError, match=r"input: is missing \(required\)"):
        client.do(client.kie.tasks.create({"model": "ideogram/character-edit"}))


def test_an_unknown_model_lists_the_models_and_the_near_miss(client: Client) -> None:
    with pytest.raises(
        InvalidInputError, match=r"model: .*is not one of.*did you mean 'ideogram/character-edit'"
    ):
        client.do(client.kie.tasks.create({**EDIT_BODY, "model": "ideogram/characteredit"}))


@pytest.mark.parametrize("task_id", ["", None, 7])
def test_a_task_id_is_text(client: Client, task_id: object) -> None:
    with pytest.raises(InvalidInputError, match="task_id"):
        client.do(client.kie.tasks.get(task_id))


def test_a_time_limit_for_a_wait_does_not_hide_a_bad_id(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="task_id"):
        client.do(client.kie.tasks.wait("", timeout=1))


class TestConfiguration:
    def test_no_key_names_the_variable(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("KIE_API_KEY", raising=False)
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            client.make(api_key=None)

    def test_an_empty_key_is_none(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KIE_API_KEY", "")
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            client.make(api_key=None)

    @pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY} ", f"{KEY}\r\nX-Evil: 1", "schlüssel", "\x00", 7])
    def test_a_key_with_what_no_key_has_is_refused_and_not_shown(self, client: Client, key: Any) -> None:
        with pytest.raises(ConfigurationError, match="API key") as caught:
            client.make(api_key=key)
        assert str(key).strip() not in str(caught.value) or key in (7, "\x00")

    @pytest.mark.parametrize("name", ["base_url", "upload_base_url"])
    @pytest.mark.parametrize("url", ["api.kie.ai", "//api.kie.ai", "ftp://api.kie.ai", "https://", "", None])
    def test_a_base_url_without_scheme_or_host_names_the_argument(
        self, client: Client, name: str, url: Any
    ) -> None:
        with pytest.raises(ConfigurationError, match=r"the (api|upload) server's URL"):
            client.make(**{name: url})

    @pytest.mark.parametrize(
        "url", ["https://user:secret@api.kie.ai", "https://api.kie.ai?x=1", "https://api.kie.ai/#x"]
    )
    def test_a_base_url_with_more_than_a_place_is_refused(self, client: Client, url: str) -> None:
        with pytest.raises(ConfigurationError, match="the api server's URL") as caught:
            client.make(base_url=url)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("timeout", [0, -1, float("nan")])
    def test_a_time_limit_is_positive(self, client: Client, timeout: float) -> None:
        with pytest.raises(ConfigurationError, match="timeout"):
            client.make(timeout=timeout)


def test_a_wait_needs_a_number_of_seconds(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="timeout"):
        client.do(client.kie.tasks.wait(TASK_ID, timeout=float("nan")))


class TestWhatIsNoText:
    def test_in_a_body_is_refused(self, client: Client) -> None:
        with pytest.raises(InvalidInputError, match="a lone surrogate"):
            client.do(client.kie.character_edit.create(**{**EDIT, "prompt": "\ud800"}))

    def test_in_an_argument_is_refused_by_its_name(self, client: Client) -> None:
        with pytest.raises(InvalidInputError, match="task_id: contains a lone surrogate"):
            client.do(client.kie.tasks.get("\ud800"))
        with pytest.raises(InvalidInputError, match="upload_path: contains a lone surrogate"):
            client.do(client.kie.files.upload(b"x", upload_path="\ud800"))


@pytest.mark.parametrize("seed", [10**5000, -(10**5000)], ids=["positive", "negative"])
def test_a_number_of_thousands_of_digits_is_refused(client: Client, seed: int) -> None:
    with pytest.raises(InvalidInputError, match="JSON"):
        client.do(client.kie.character_edit.create(**EDIT, seed=seed))


@pytest.mark.parametrize("timeout", ["5", float("nan"), b"5"])
def test_a_wait_is_as_long_as_a_number_says(client: Client, timeout: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^timeout: must be a number of seconds"):
        client.do(client.kie.tasks.wait("t", timeout=timeout))


def test_a_file_that_cannot_be_read_again_is_refused(client: Client) -> None:
    class Stream:
        def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(InvalidInputError, match="file: expected an open binary file that can be read again"):
        client.do(client.kie.files.upload(Stream()))


@pytest.mark.parametrize("url", ["https://example.com:99999", "https://example.com:0"])
def test_a_port_that_is_none_is_refused(client: Client, url: str) -> None:
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
def test_a_pattern_ends_where_the_text_ends(pattern: str, text: str, fits: bool) -> None:
    faults: list[Fault] = []
    compile_schema({"pattern": pattern})(text, "a", faults)
    assert (not faults) is fits


@pytest.mark.parametrize("url", ["ftp://me:s3cret@host", "https://me:s3cret@host:0", "https://me:s3cret@"])
def test_a_password_in_a_base_url_is_not_shown(client: Client, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client.make(base_url=url)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_closed_or_for_writing_is_refused(client: Client, tmp_path: Path) -> None:
    refused = pytest.raises(InvalidInputError, match="file: expected an open binary file")
    with (tmp_path / "a").open("wb") as file, refused:
        client.do(client.kie.files.upload(file))
    with pytest.raises(InvalidInputError, match="file: expected an open binary file"):
        client.do(client.kie.files.upload(file))
