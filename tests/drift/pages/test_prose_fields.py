"""Fields and endpoints of prose pages are read in each form in which pages write them."""

import pytest

from generator.drift.read.page import read_page

PAGE = """\
# A lamp

You must use the `lamp/shade-1` model.

{endpoint}

## Request

### input

**Type**: `object`
**Required**: Yes

{fields}
"""
ENDPOINT = "**Endpoint:** `POST /api/v1/jobs/createTask`"
# How a page writes that `prompt` is required and has a limit, and that `count` is optional with a default.
FIELDS = {
    "bold paragraphs": """\
**input.prompt** ``string`` (required)

What to show. Maximum length: 500 characters.

**input.count** `integer` (optional, default `1`)

How many.
""",
    "bold list, type as code in parentheses": """\
- **input.prompt** (`string`, required): What to show, up to 500 characters.
- **input.count** (`integer`, optional): How many. Default: 1
""",
    "bold list, type as a word in parentheses": """\
- **prompt** (string, required): What to show, up to 500 characters.
- **count** (integer, optional) - How many. Default: 1
- **Note** (important): nothing else.
""",
    "table under a bold caption": """\
**`input` object properties**

| Name | Type | Required | Description |
|---|---|---|---|
| `prompt` | string | Yes | What to show. Max 500 characters. |
| `count` | integer | No | How many. Default: `1` |
""",
}


@pytest.mark.parametrize("form", FIELDS)
def test_fields_are_read_in_any_form(form: str) -> None:
    facts = read_page(PAGE.format(endpoint=ENDPOINT, fields=FIELDS[form]), "page.md")
    found = {(s.path, s.key): s.value for s in facts.of("request") if s.path.startswith("input.")}
    assert {key: value for key, value in found.items() if key[1] != "name"} == {
        ("input.prompt", "type"): {"type": "string"},
        ("input.prompt", "required"): True,
        ("input.prompt", "maxLength"): 500,
        ("input.count", "type"): {"type": "integer"},
        ("input.count", "required"): False,
        ("input.count", "default"): 1,
    }


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (ENDPOINT, "/api/v1/jobs/createTask"),
        ("- **URL**: `POST https://api.lamp.example/api/v1/jobs/createTask`", "/api/v1/jobs/createTask"),
        ("- URL: `POST https://api.lamp.example/api/v1/jobs/createTask`", "/api/v1/jobs/createTask"),
        ("接口地址：POST /api/v1/jobs/createTask", "/api/v1/jobs/createTask"),
        ("URL: https://lamp.example/pictures", None),
        ("Note: `POST /api/v1/jobs/createTask`", None),
    ],
)
def test_endpoint_is_read_with_a_label_or_a_method(line: str, path: str | None) -> None:
    facts = read_page(PAGE.format(endpoint=line, fields=FIELDS["bold paragraphs"]), "page.md")
    assert facts.first("operation", "path", "name") == path
