"""Names change case in one place, and as openapi-python-client changes them where both must agree."""

import pytest
from hypothesis import given
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
def test_a_member_becomes_an_argument(wire: str, python: str) -> None:
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
def test_a_model_becomes_a_resource(model: str, python: str) -> None:
    assert resource(model) == python


@given(
    owner=st.sampled_from(["CharacterEditInput", "V3EditInput"]),
    wire=st.from_regex(ENUM_FIELD, fullmatch=True),
)
def test_the_class_of_an_enum_is_the_one_that_openapi_python_client_makes(owner: str, wire: str) -> None:
    assert owner + pascal(wire) == ClassName(ClassName(owner, "") + ClassName(wire, "").rstrip("_"), "")


@pytest.mark.parametrize("name", ["CharacterEditInput", "UploadBase64Request", "V3EditInput", "TaskRecord"])
def test_a_schema_name_that_the_lint_admits_is_the_class_that_openapi_python_client_makes(name: str) -> None:
    assert pascal(name) == name == ClassName(name, "")
