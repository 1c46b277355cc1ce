"""Hostile specs: a located complaint, or a package that imports and has none of the text as code."""

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
from generator.contract.lower_package import lower
from generator.diagnostics import Diagnostic, InputError
from generator.emit import package as emit
from tests.generator.edits import documents, edited

OPENAPI, ARAZZO = documents(edited([]))

# What ran as code would leave this name behind.
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
    """Every place of a text, and (as its last part `#key`) of a name."""
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
    """The document as if it had been written so. JSON is YAML. Raises `InputError` as reading does."""
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


def refused(complaints: list[Diagnostic]) -> None:
    assert complaints
    assert all(complaint.location.line and complaint.rule for complaint in complaints)


def judge(document: Document, at: Pointer, text: str) -> None:
    try:
        broken = changed(document, at, text)
    except InputError as error:
        refused(error.diagnostics)
        return
    openapi, arazzo = (broken, ARAZZO) if document is OPENAPI else (OPENAPI, broken)
    complaints = lint(openapi, arazzo)
    if complaints:
        refused(complaints)
        return
    try:
        files = emit.package(lower(openapi, arazzo), openapi, arazzo)
    except InputError:
        return
    for path, source in files.items():
        assert not PurePosixPath(path).is_absolute()
        assert ".." not in PurePosixPath(path).parts
        if path.endswith(".py"):
            tree = ast.parse(source, path)
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert CANARY not in names, (path, at, text)


@pytest.fixture(autouse=True)
def without_formatting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The formatter changes no meaning, and costs more than all the rest."""
    monkeypatch.setattr(emit, "_formatted", copy.copy)


@settings(max_examples=30, derandomize=True, database=None, deadline=None)
@given(place=st.sampled_from(PLACES), text=st.sampled_from(HOSTILE) | st.text(max_size=12))
def hostile(place: tuple[Document, Pointer], text: str) -> None:
    judge(*place, text)


def test_no_text_of_the_spec_becomes_code() -> None:
    hostile()


# Every text that people read reaches the package, so each of these gets each hostile one, all at once.
READ = ("description", "summary", "meaning", "title")


def with_prose(texts: Iterable[str]) -> Any:
    """The document's data with each text that people read replaced by the next of these."""
    data = copy.deepcopy(OPENAPI.data)
    for at, text in zip([at for at in places(OPENAPI.data) if at[-1] in READ], texts, strict=False):
        holder = data
        for part in at[:-1]:
            holder = holder[part]
        holder[at[-1]] = text
    return data


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_stays_prose(text: str) -> None:
    try:
        openapi = read(OPENAPI, with_prose(repeat(text)))
    except InputError as error:
        refused(error.diagnostics)
        return
    if complaints := lint(openapi, ARAZZO):
        refused(complaints)
        return
    for path, source in emit.package(lower(openapi, ARAZZO), openapi, ARAZZO).items():
        if path.endswith(".py"):
            names = {node.id for node in ast.walk(ast.parse(source, path)) if isinstance(node, ast.Name)}
            assert CANARY not in names, path


IMPORT_ALL = """
import importlib, pkgutil, kie_ideogram
for found in pkgutil.walk_packages(kie_ideogram.__path__, "kie_ideogram."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(kie_ideogram.__file__)
"""


def test_a_package_of_hostile_prose_imports_and_runs_none_of_it(tmp_path: Path) -> None:
    texts = cycle(text for text in HOSTILE if text.strip() and not CONTROL.search(text))
    openapi = read(OPENAPI, with_prose(texts))
    assert lint(openapi, ARAZZO) == []
    for path, source in emit.package(lower(openapi, ARAZZO), openapi, ARAZZO).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")
    # What ran would fail: nothing has the canary's name.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith(str(tmp_path))


def test_a_deep_document_is_refused_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("a: " + "[" * 500 + "]" * 500)
    with pytest.raises(InputError, match=r"yaml-(bomb|syntax)"):
        load(path)


def test_a_huge_enum_is_a_package_like_any_other() -> None:
    data = copy.deepcopy(OPENAPI.data)
    style = data["components"]["schemas"]["CharacterEditInput"]["properties"]["style"]
    style["enum"] += [f"STYLE_{number}" for number in range(2000)]
    openapi = read(OPENAPI, data)
    assert lint(openapi, ARAZZO) == []
    files = emit.package(lower(openapi, ARAZZO), openapi, ARAZZO)
    assert "STYLE_1999" in files["kie_ideogram/models/character_edit_input_style.py"]
