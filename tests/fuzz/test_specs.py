"""Hostile specs: each is rejected at a position, or gives a package without any of its text as code."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterable
from itertools import cycle, repeat
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contract.lint import lint
from generator.contract.load import CONTROL, Document, Pointer, load, parse
from generator.contract.lower.package import lower
from generator.diagnostics import Diagnostic, InputError
from generator.emit import package as emit
from tests.generator.edits import documents, edited

OPENAPI, ARAZZO = documents(edited([]))

# Text that became code would show as this name.
CANARY = "ca" + "nary_of_the_spec"

HOSTILE = [
    f"{prefix}{CANARY}(){suffix}"
    for prefix, suffix in (
        ("", ""),
        ('"', '"'),
        ("'", "'"),
        ('""" ', ' """'),
        ("'''\n", "\n'''"),
        ('\\""" ', "\\"),
        ("{{ ", " }}"),
        ("{% if ", " %}"),
        ("{# ", " #}"),
        ("\n\n", "\n"),
        ("# \n", ""),
        ("\r", "\r"),
        ("\u2028", "\u2029"),
        ("../../", "/../x"),
        ("/etc/", ""),
        ("\u0430", "\u202e"),
        ("f'{", "}'"),
    )
] + ["class", "None", "self", "import", "", "\x00", "..", "/", "x" * 3000]


def places(node: Any, at: Pointer = ()) -> list[Pointer]:
    """Return the place of every text, and of every key, with `#key` as its last part."""
    found: list[Pointer] = []
    if isinstance(node, str):
        found.append(at)
    elif isinstance(node, dict):
        for key, value in node.items():
            found += [(*at, key, "#key"), *places(value, (*at, key))]
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += places(value, (*at, index))
    return found


PLACES = [(document, at) for document in (OPENAPI, ARAZZO) for at in places(document.data)]


def read(document: Document, data: Any) -> Document:
    """Parse the data as a document; JSON is YAML. Raises `InputError` as reading a file does."""
    return parse(json.dumps(data), document.path)


def changed(document: Document, at: Pointer, text: str) -> Document:
    data = copy.deepcopy(document.data)
    names = at[-1] == "#key"
    *path, last = at[:-1] if names else at
    holder = data
    for part in path:
        holder = holder[part]
    if names:
        held = {text if key == last else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(held)
    else:
        holder[last] = text
    return read(document, data)


def assert_located(diagnostics: list[Diagnostic]) -> None:
    assert diagnostics
    assert all(diagnostic.location.line and diagnostic.rule for diagnostic in diagnostics)


def assert_without_canary(files: dict[str, str], of: object) -> None:
    """Check that no emitted code has the canary as a name. The runtime is copied, so no text gets into it."""
    for path, source in files.items():
        if path.endswith(".py") and "_runtime" not in PurePosixPath(path).parts:
            tree = ast.parse(source, path)
            if CANARY in source:
                names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
                assert CANARY not in names, (path, of)


def assert_harmless(document: Document, at: Pointer, text: str) -> None:
    try:
        broken = changed(document, at, text)
    except InputError as error:
        assert_located(error.diagnostics)
        return
    openapi, arazzo = (broken, ARAZZO) if document is OPENAPI else (OPENAPI, broken)
    diagnostics = lint(openapi, arazzo)
    if diagnostics:
        assert_located(diagnostics)
        return
    try:
        files = emit.package(lower(openapi, arazzo), openapi, arazzo)
    except InputError:
        return
    for path in map(PurePosixPath, files):
        assert not path.is_absolute()
        assert ".." not in path.parts
    assert_without_canary(files, (at, text))


@pytest.fixture(autouse=True)
def without_formatting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the formatter, which does not change the meaning and takes most of the time."""
    monkeypatch.setattr(emit, "_formatted", copy.copy)


@settings(max_examples=30, derandomize=True, database=None, deadline=None)
@given(place=st.sampled_from(PLACES), text=st.sampled_from(HOSTILE) | st.text(max_size=12))
def hostile(place: tuple[Document, Pointer], text: str) -> None:
    assert_harmless(*place, text)


def test_text_of_the_spec_never_becomes_code() -> None:
    hostile()


# The members whose texts become documentation in the package.
READ = ("description", "summary", "meaning", "title")


def with_prose(texts: Iterable[str]) -> Any:
    """Return the data of the document with each description replaced by the next of some texts."""
    data = copy.deepcopy(OPENAPI.data)
    for at, text in zip([at for at in places(OPENAPI.data) if at[-1] in READ], texts, strict=False):
        holder = data
        for part in at[:-1]:
            holder = holder[part]
        holder[at[-1]] = text
    return data


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_description_never_becomes_code(text: str) -> None:
    try:
        openapi = read(OPENAPI, with_prose(repeat(text)))
    except InputError as error:
        assert_located(error.diagnostics)
        return
    if diagnostics := lint(openapi, ARAZZO):
        assert_located(diagnostics)
        return
    assert_without_canary(emit.package(lower(openapi, ARAZZO), openapi, ARAZZO), text)


IMPORT_ALL = """
import importlib, pkgutil, kie_ideogram
for found in pkgutil.walk_packages(kie_ideogram.__path__, "kie_ideogram."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(kie_ideogram.__file__)
"""


def test_package_with_hostile_text_imports_without_running_it(tmp_path: Path) -> None:
    texts = cycle(text for text in HOSTILE if text.strip() and not CONTROL.search(text))
    openapi = read(OPENAPI, with_prose(texts))
    assert lint(openapi, ARAZZO) == []
    for path, source in emit.package(lower(openapi, ARAZZO), openapi, ARAZZO).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")
    # Text that ran as code would fail, because the name of the canary is not defined.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith(str(tmp_path))


def test_deeply_nested_document_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("a: " + "[" * 500 + "]" * 500)
    with pytest.raises(InputError, match=r"yaml-(bomb|syntax)"):
        load(path)


def test_enum_of_2000_values_is_rendered() -> None:
    data = copy.deepcopy(OPENAPI.data)
    style = data["components"]["schemas"]["CharacterEditInput"]["properties"]["style"]
    style["enum"] += [f"STYLE_{number}" for number in range(2000)]
    openapi = read(OPENAPI, data)
    assert lint(openapi, ARAZZO) == []
    files = emit.package(lower(openapi, ARAZZO), openapi, ARAZZO)
    assert "STYLE_1999" in files["kie_ideogram/models/character_edit_input_style.py"]
