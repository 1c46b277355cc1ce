"""Names of Python, which must equal those of openapi-python-client where it makes the same name."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_python_client.strings import ClassName

from generator.contract.lint.rules.naming import ENUM_FIELD
from generator.contract.names import pascal, resource, snake


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("prompt", "prompt"),
        ("callBackUrl", "call_back_url"),
        ("imageURL", "image_url"),
        ("URLOfImage", "url_of_image"),
        ("base64Data", "base64_data"),
        ("image_url", "image_url"),
        ("class", "class_"),
    ],
)
def test_member_becomes_an_argument_name(wire: str, python: str) -> None:
    assert snake(wire) == python


@pytest.mark.parametrize(
    ("model", "python"),
    [
        ("ideogram/character-edit", "character_edit"),
        ("ideogram/v3-edit", "v3_edit"),
        ("single", "single"),
        ("a/b/lambda", "lambda_"),
    ],
)
def test_model_becomes_a_resource_name(model: str, python: str) -> None:
    assert resource(model) == python


# On a busy machine, the first values of a regular expression take seconds.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    owner=st.sampled_from(["CharacterEditInput", "V3EditInput"]),
    wire=st.from_regex(ENUM_FIELD, fullmatch=True),
)
def test_enum_class_matches_openapi_python_client(owner: str, wire: str) -> None:
    assert owner + pascal(wire) == ClassName(ClassName(owner, "") + ClassName(wire, "").rstrip("_"), "")


@pytest.mark.parametrize("name", ["CharacterEditInput", "UploadBase64Request", "V3EditInput", "TaskRecord"])
def test_schema_class_matches_openapi_python_client(name: str) -> None:
    assert pascal(name) == name == ClassName(name, "")
