"""Writing is all or nothing, and touches only what the generator made; comparing says who changed what."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from generator.diagnostics import InputError
from generator.emit.package import MANIFEST
from generator.emit.write import compare, write

Tree = dict[str, bytes]


def made(files: dict[str, str], spec: str = "one", tools: str = "1.0") -> dict[str, str]:
    """An output with its manifest."""
    hashes = {path: sha256(text.encode()).hexdigest() for path, text in files.items()}
    manifest = {"spec": {"openapi.yaml": spec}, "tools": {"ruff": tools}, "files": hashes}
    return files | {MANIFEST: json.dumps(manifest)}


def tree(root: Path) -> Tree:
    """Every file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


OLD = made({"p/a.py": "a\n", "p/b.py": "b\n", "p/gone.py": "gone\n", "p/py.typed": ""})
NEW = made({"p/a.py": "A\n", "p/b.py": "b\n", "p/deep/c.py": "c\n"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write(OLD, folder)
    return folder


def test_it_writes_every_file_and_says_which(tmp_path: Path) -> None:
    changed = write(OLD, tmp_path)
    assert tree(tmp_path) == {path: text.encode() for path, text in OLD.items()}
    assert sorted(changed) == sorted(tmp_path / path for path in OLD)


def test_a_second_time_nothing_changes(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert write(OLD, root) == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_it_removes_what_an_earlier_run_made_and_this_one_does_not(root: Path) -> None:
    changed = write(NEW, root)
    assert tree(root) == {path: text.encode() for path, text in NEW.items()}
    assert {root / "p/gone.py", root / "p/py.typed"} <= set(changed)
    assert root / "p/b.py" not in changed


def test_it_leaves_alone_what_somebody_else_put_there(root: Path) -> None:
    (root / "p/mine.py").write_text("mine")
    write(NEW, root)
    assert (root / "p/mine.py").read_text() == "mine"


def test_a_manifest_that_points_out_of_the_folder_removes_nothing_there(root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_text("precious")
    manifest = json.loads((root / MANIFEST).read_text())
    digest = sha256(b"precious").hexdigest()
    manifest["files"] = {"../outside.py": digest, str(outside): digest, "p/../../outside.py": digest}
    (root / MANIFEST).write_text(json.dumps(manifest))
    write(NEW, root)
    assert outside.read_text() == "precious"


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"files": [1]}', '{"files": {"p/a.py": 5}}'])
def test_a_broken_manifest_is_written_anew(root: Path, manifest: str) -> None:
    (root / MANIFEST).write_text(manifest)
    assert compare(OLD, root) != []
    write(OLD, root)
    assert compare(OLD, root) == []


def test_a_folder_that_cannot_be_made_leaves_everything_as_it_was(root: Path) -> None:
    (root / "p/deep").write_text("a file where a folder should be")
    before = tree(root)
    with pytest.raises(InputError, match=r"cannot be written: .*\(write\)"):
        write(NEW, root)
    assert tree(root) == before


def test_an_output_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(InputError, match="cannot be written"):
        write(NEW, tmp_path / "out")
    assert tree(tmp_path) == {"out": b"not a folder"}


@pytest.mark.parametrize(("owner", "step"), [(os, "fchmod"), (Path, "replace"), (Path, "unlink")])
@pytest.mark.parametrize("when", [1, 2])
def test_a_disk_that_fails_half_way_leaves_everything_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str, when: int
) -> None:
    before = tree(root)
    real = getattr(owner, step)
    calls = 0

    def failing(first: Path | int, *args: object, **kwargs: object) -> object:
        nonlocal calls
        # Only the output's own steps fail: cleaning up afterwards must work.
        cleaning = step == "unlink" and isinstance(first, Path) and first.name.startswith(".")
        calls += not cleaning
        if calls == when and not cleaning:
            raise OSError(28, "No space left on device")
        return real(first, *args, **kwargs)

    monkeypatch.setattr(owner, step, failing)
    with pytest.raises(InputError, match="No space left on device"):
        write(NEW, root)
    monkeypatch.undo()
    assert tree(root) == before


def reasons(files: dict[str, str], root: Path) -> dict[str, str]:
    """What `compare` says of each file, up to the semicolon."""
    differences = compare(files, root)
    return {d.path.relative_to(root).as_posix(): d.reason.partition(";")[0] for d in differences}


def test_what_is_current_has_no_difference(root: Path) -> None:
    assert compare(OLD, root) == []


def test_a_changed_spec_is_told_from_changed_tools_and_a_changed_generator(root: Path) -> None:
    changed = {"p/a.py": "A\n", "p/b.py": "b\n", "p/gone.py": "gone\n", "p/py.typed": ""}
    assert reasons(made(changed, spec="two"), root)["p/a.py"] == "the spec changed"
    assert reasons(made(changed, tools="2.0"), root)["p/a.py"] == "the tools changed"
    assert reasons(made(changed), root)["p/a.py"] == "the generator or a template changed"


def test_a_hand_edit_is_told_even_when_the_spec_changed_too(root: Path) -> None:
    (root / "p/b.py").write_text("edited\n")
    found = reasons(made({"p/a.py": "A\n", "p/b.py": "b\n"}, spec="two"), root)
    assert found == {
        "manifest.json": "the spec changed",
        "p/a.py": "the spec changed",
        "p/b.py": "edited by hand",
        "p/gone.py": "the spec changed",
        "p/py.typed": "the spec changed",
    }


def test_a_missing_and_a_foreign_file_are_named(root: Path) -> None:
    (root / "p/a.py").unlink()
    (root / "p/mine.py").write_text("mine\n")
    assert reasons(OLD, root) == {"p/a.py": "missing", "p/mine.py": "not written by the generator"}


def test_another_line_ending_and_bytes_that_are_no_text_are_hand_edits(root: Path) -> None:
    (root / "p/a.py").write_bytes(b"a\r\n")
    (root / "p/b.py").write_bytes(b"\xff\n")
    assert reasons(OLD, root) == {"p/a.py": "edited by hand", "p/b.py": "edited by hand"}
    assert [difference.diff for difference in compare(OLD, root)] == [
        "--- p/a.py (on disk)\n+++ p/a.py (from the spec)\n@@ -1 +1 @@\n-a\r\n+a\n",
        "--- p/b.py (on disk)\n+++ p/b.py (from the spec)\n@@ -1 +1 @@\n-\\xff\n+b\n",
    ]


def test_a_folder_that_is_not_there_lacks_everything(tmp_path: Path) -> None:
    assert set(reasons(OLD, tmp_path / "nowhere")) == set(OLD)


def test_what_python_compiled_beside_the_sources_does_not_count(root: Path) -> None:
    (root / "p/__pycache__").mkdir()
    (root / "p/__pycache__/a.cpython-311.pyc").write_bytes(b"\0")
    assert compare(OLD, root) == []


def test_comparing_writes_nothing(root: Path) -> None:
    (root / "p/a.py").write_text("edited\n")
    before = tree(root)
    compare(NEW, root)
    assert tree(root) == before
