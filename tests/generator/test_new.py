"""`generator new` writes the smallest spec; tests/apis uses the package that it yields."""

from pathlib import Path

import pytest

from generator.contract.source import read_spec
from generator.diagnostics import InputError
from generator.scaffold import write_spec


def test_new_spec_is_complete_and_short(tmp_path: Path) -> None:
    written = write_spec("film_studio", tmp_path / "spec")
    assert read_spec(tmp_path / "spec").contract.package.client == "FilmStudio"
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in written) < 120


@pytest.mark.parametrize("name", ["Film", "film-studio", "", "1st"])
def test_name_that_is_no_module_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not a module's name"):
        write_spec(name, tmp_path / "spec")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("class", "'class' is a keyword of Python"),
        ("json", "'json' is a name of Python or of a library"),
        ("api", "ApiError is already a class of the client"),
    ],
)
def test_name_that_does_not_lint_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        write_spec(name, tmp_path / "spec")
    assert not (tmp_path / "spec").exists()


def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/spec: error: cannot be written: Not a directory \(write\)"):
        write_spec("film_studio", tmp_path / "file" / "spec")


def faults_after(folder: Path, edits: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return the messages of the lint for the new spec with these edits of each file."""
    write_spec("film_studio", folder)
    for file, changes in edits.items():
        text = (folder / file).read_text(encoding="utf-8")
        for find, replace in changes:
            assert find in text
            text = text.replace(find, replace)
        (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_spec(folder)
    return [one.message for one in caught.value.diagnostics]


WRAPPER = """
    Wrapper:
      type: object
      description: The reply about a task.
      required: [task]
      properties: {task: {$ref: '#/components/schemas/TaskRecord'}}"""
WRAPPED = [
    ("schema: {$ref: '#/components/schemas/TaskRecord'}", "schema: {$ref: '#/components/schemas/Wrapper'}"),
    ("\n  schemas:", f"\n  schemas:{WRAPPER}"),
    ("x-package:", "x-envelope: {data: task}\nx-package:"),
]


@pytest.mark.parametrize(
    ("openapi", "arazzo", "expected"),
    [
        ([("x-package:", "x-envelope: {data: task}\nx-package:")], [], "no reply has the member 'task'"),
        ([("x-package:", "x-envelope: {ok: fine}\nx-package:")], [], "'ok' needs 'code'"),
        (
            [*WRAPPED, ("required: [task]", "required: []")],
            [("$response.body#/", "$response.body#/task/")],
            "a reply must require 'task', which has the data",
        ),
        (
            [
                *WRAPPED,
                ("required: [task]", "required: [task, number]"),
                (
                    "properties: {task:",
                    "properties: {number: {type: integer, description: Its number.}, task:",
                ),
            ],
            [("$response.body#/", "$response.body#/task/")],
            "'number' must not be required: the client reads only 'task' of this reply",
        ),
        (WRAPPED, [], "there is no member 'state'"),
    ],
)
def test_envelope_that_does_not_fit_the_replies_is_refused(
    tmp_path: Path, openapi: list[tuple[str, str]], arazzo: list[tuple[str, str]], expected: str
) -> None:
    edits = {"openapi.yaml": openapi, "workflows.arazzo.yaml": arazzo}
    assert any(expected in message for message in faults_after(tmp_path, edits))


def test_existing_spec_is_not_replaced(tmp_path: Path) -> None:
    (path, _) = write_spec("film_studio", tmp_path / "spec")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        write_spec("film_studio", tmp_path / "spec")
    assert path.read_text(encoding="utf-8") == "mine"
