"""Drafts pages in the test's own process, into a copy of a small spec."""

import textwrap
from pathlib import Path
from typing import Any

import yaml

from generator.contract import source
from generator.drift.commands import draft_page_models
from generator.runtime.contract.json_schema import compile_schema
from tests.drift.command import Result, call_command

LAMP_SPEC = Path(__file__).parent / "lamp_spec"


PROMPT = """
prompt:
  type: string
  description: What to show, up to 500 characters.
"""


CALLBACK = {"type": "string", "format": "uri", "description": "Called at the end."}


def page(
    model: str = "lamp/shade-1",
    members: str = PROMPT,
    *,
    sample: dict[str, Any] | None = None,
    callback: bool = True,
    **input_keywords: Any,
) -> str:
    """Return a page with an OpenAPI block. `members` are those of the input, as YAML."""
    input_schema = {"type": "object", **input_keywords}
    if members:
        input_schema["properties"] = yaml.load(textwrap.dedent(members), Loader=yaml.CSafeLoader)
    model_schema = {"type": "string", "enum": [model], "default": model}
    properties = {
        "model": model_schema,
        **({"callBackUrl": CALLBACK} if callback else {}),
        "input": input_schema,
    }
    body = {"schema": {"type": "object", "required": ["model", "input"], "properties": properties}}
    if sample is not None:
        body["example"] = {"model": model, "input": sample}
    operation = {
        "requestBody": {"content": {"application/json": body}},
        "responses": {"200": {"description": "Accepted."}},
    }
    block = {"openapi": "3.0.1", "paths": {"/api/v1/jobs/createTask": {"post": operation}}}
    return f"# A lamp\n\n```yaml\n{yaml.dump(block, sort_keys=False, allow_unicode=True)}\n```\n"


def build_nothing(origin: source.Source) -> dict[str, str]:
    return {}


def draft(text: str, spec: Path, name: str = "page.md") -> Result:
    """Draft a page, without writing a package."""
    path = spec.parent / name
    path.write_text(text, encoding="utf-8")
    return draft_path(path, spec)


def draft_path(path: Path | str, spec: Path) -> Result:
    unfinished = spec.parent / "unfinished"
    return call_command(
        lambda: draft_page_models(str(path), spec, build_nothing, lambda files: [], unfinished)
    )


def schemas(spec: Path) -> dict[str, Any]:
    """Return the schemas of a spec, which must pass the lint."""
    found: dict[str, Any] = source.read_spec(spec).openapi.data["components"]["schemas"]
    return found


def members(spec: Path, name: str = "Shade1Input") -> dict[str, Any]:
    found: dict[str, Any] = schemas(spec)[name]["properties"]
    return found


def todos(result: Result) -> list[str]:
    """Return what is left to do, without the rows that every draft has."""
    rows = [row for row in result.out.splitlines() if row.startswith("to do: ")]
    return [row.removeprefix("to do: ") for row in rows if "own words" not in row and "x-price" not in row]


def faults(spec: Path, model: str, value: dict[str, Any]) -> list[str]:
    """Return the rules that a body breaks, as the client checks it."""
    found: list[Any] = []
    compile_schema(source.read_spec(spec).contract.api.models[model].schema)(value, "", found)
    return [f"{fault.path}: {fault.rule}" for fault in found]
