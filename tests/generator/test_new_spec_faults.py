"""Edits of the spec that `generator new` writes, each with the one fault that the lint must report."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from generator.contract.lint.rules.identity import LIBRARIES
from generator.contract.source import ARAZZO, OPENAPI, read_spec
from generator.diagnostics import InputError
from generator.scaffold import write_spec
from tests.generator.edits import ROOT

POLL_PARAMETER = "        - {name: id, in: path,"


def with_constant(name: str, place: str, value: str) -> str:
    """Return the poll's parameters with another one in front, which has always the same value."""
    first = f"- {{name: {name}, in: {place}, description: D., schema: {{const: {value}}}}}"
    return f"        {first}\n{POLL_PARAMETER}"


EDITS = {
    "submission without a body": (
        OPENAPI,
        "'201': {$ref: '#/components/responses/Task'}",
        "'204': {description: Accepted.}",
        "the reply of a submission needs a JSON body, which has the task's id",
    ),
    "constant query parameter of the poll": (
        OPENAPI,
        POLL_PARAMETER,
        with_constant("view", "query", "full"),
        "the poll's operation must have one parameter, which is required and which the step gives",
    ),
    "value of a header that is not ASCII": (
        OPENAPI,
        POLL_PARAMETER,
        with_constant("X-Version", "header", "é"),
        "the value of a header must be printable ASCII, without a space at its beginning or end",
    ),
    "name of a header with a space": (
        OPENAPI,
        POLL_PARAMETER,
        with_constant("X Version", "header", "'1'"),
        "'X Version' is not the name of a header, such as X-Version",
    ),
    "place of the poll's parameter": (
        ARAZZO,
        "{name: id, in: path,",
        "{name: id, in: query,",
        "the operation has this parameter in the path",
    ),
    "schedule that begins after the default deadline": (
        ARAZZO,
        "retryLimit: 300\n",
        "retryLimit: 300\n            x-wait: {schedule: [{after: 0, every: 2}, {after: 600, every: 9}]}\n",
        "must be before the deadline, 600 s",
    ),
    "module with the name of a library": (
        OPENAPI,
        "module: film_studio",
        "module: typer",
        "'typer' is a name of Python or of a library; choose another name",
    ),
}


@pytest.mark.parametrize(("file", "find", "replace", "message"), EDITS.values(), ids=EDITS)
def test_edit_has_this_fault(tmp_path: Path, file: str, find: str, replace: str, message: str) -> None:
    write_spec("film_studio", tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert find in text
    (tmp_path / file).write_text(text.replace(find, replace, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_spec(tmp_path)
    assert message in [one.message for one in caught.value.diagnostics]


def test_no_package_has_the_name_of_a_library_that_it_imports() -> None:
    nodes = [
        node
        for path in (ROOT / "generator" / "runtime").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    modules = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert {"httpx", "typer", "psycopg"} <= modules
    assert modules - LIBRARIES == set()


def test_status_200_is_accepted_by_default(tmp_path: Path) -> None:
    # The sandbox answers with it, and the spec may declare other statuses only.
    write_spec("film_studio", tmp_path)
    for file, edits in {OPENAPI: ("'200':", "'202':"), ARAZZO: ("== 200", "== 202")}.items():
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert edits[0] in text
        (tmp_path / file).write_text(text.replace(*edits), encoding="utf-8")
    assert read_spec(tmp_path).contract.api.envelope.accepted == (200, 201, 202)


def test_submissions_with_different_callbacks_are_reported(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "apis" / "runway" / "spec", tmp_path, dirs_exist_ok=True)
    text = (tmp_path / OPENAPI).read_text(encoding="utf-8")
    for operation, member in (("imageToVideo", "one"), ("textToImage", "other")):
        name = f"      operationId: {operation}\n"
        assert name in text
        callbacks = f"      callbacks: {{ended: {{'{{$request.body#/{member}}}': {{post: {{}}}}}}}}\n"
        text = text.replace(name, name + callbacks)
    (tmp_path / OPENAPI).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="all submissions need the same callback; use a YAML alias"):
        read_spec(tmp_path)
