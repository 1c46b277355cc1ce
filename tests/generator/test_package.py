"""Rendering the package is a pure function of the two documents."""

import copy
import json
import re
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from generator.contract.load import Document
from generator.contract.lower.package import lower
from generator.diagnostics import InputError
from generator.emit.models import typed_models
from generator.emit.package import HEADER, MANIFEST, RUNTIME, docstring, literal, package
from generator.runtime.contract.model import Argument
from tests.generator.edits import documents, edited

OPENAPI, ARAZZO = documents(edited([]))
CONTRACT = lower(OPENAPI, ARAZZO)
IDENTITY = "kie_ideogram/_runtime/core/identity.py"


@cache
def files() -> dict[str, str]:
    """Render the package, once a test needs it: collecting the tests does not."""
    return package(CONTRACT, OPENAPI, ARAZZO)


def test_package_changes_neither_input_nor_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = copy.deepcopy((OPENAPI.data, ARAZZO.data))
    assert package(CONTRACT, OPENAPI, ARAZZO) == files()
    assert (OPENAPI.data, ARAZZO.data) == before
    assert list(tmp_path.iterdir()) == []


def test_runtime_is_copied_byte_for_byte() -> None:
    copied = {path: text.encode() for path, text in files().items() if "/_runtime/" in path}
    runtime = {
        f"kie_ideogram/_runtime/{path.relative_to(RUNTIME).as_posix()}": path.read_bytes()
        for path in (*RUNTIME.rglob("*.py"), *RUNTIME.rglob("*.html"))
    }
    assert copied.keys() == runtime.keys()
    assert {path for path in copied if copied[path] != runtime[path]} == {IDENTITY}


def test_rendered_identity_has_the_names_of_the_runtime() -> None:
    def names(text: str) -> list[str]:
        return re.findall(r"^([A-Z_]+) = ", text, re.MULTILINE)

    assert names(files()[IDENTITY]) == names((RUNTIME / "core" / "identity.py").read_text())


def test_rendered_modules_begin_with_the_header() -> None:
    for path, text in files().items():
        made = path.endswith(".py") and ("/_runtime/" not in path or path == IDENTITY)
        assert text.startswith(HEADER) == made, path


def test_manifest_has_hashes_of_documents_and_files() -> None:
    manifest = json.loads(files()[MANIFEST])
    assert manifest["spec"] == {document.path.name: document.sha256 for document in (OPENAPI, ARAZZO)}
    assert manifest["files"] == {
        path: sha256(text.encode()).hexdigest() for path, text in files().items() if path != MANIFEST
    }


def test_no_file_contains_an_absolute_path() -> None:
    assert not [
        path for path, text in files().items() if str(Path.cwd()) in text or tempfile.gettempdir() in text
    ]


def test_openapi_python_client_error_has_no_object_address() -> None:
    data = copy.deepcopy(OPENAPI.data)
    data["components"]["schemas"]["TaskResult"]["properties"]["resultUrls"]["items"] = {
        "$ref": "#/components/schemas/Nowhere"
    }
    with pytest.raises(InputError) as raised:
        typed_models(Document(OPENAPI.path, "", data, {}))
    assert "openapi-python-client cannot use this document" in str(raised.value)
    assert " at 0x" not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    [
        (),
        ("a",),
        ("a", "b"),
        {"a": [1, None, 2.5, True], 2: {}},
        Argument("a", ("b",)),
        Argument("a", (), "x"),
    ],
)
def test_literal_evaluates_to_its_value(value: object) -> None:
    assert eval(literal(value), {"Argument": Argument}) == value  # noqa: S307 # it is what is tested


@pytest.mark.parametrize("text", ['"""', 'ends in a quote"', "a \\ b", "\\N{DASH}", '\\"""'])
def test_docstring_evaluates_to_its_text(text: str) -> None:
    assert eval(f'"""{docstring(text)}"""').rstrip() == text  # noqa: S307 # it is what is tested
