"""Writing is all or nothing and touches only generated files; comparing names the cause of a difference."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from generator.diagnostics import InputError
from generator.emit.package import HEADER, MANIFEST
from generator.emit.write import FEW, compare, describe_changes, write

Tree = dict[str, bytes]


def made(files: dict[str, str], spec: str = "one", tools: str = "1.0") -> dict[str, str]:
    """Return an output with its manifest."""
    hashes = {path: sha256(text.encode()).hexdigest() for path, text in files.items()}
    manifest = {"spec": {"openapi.yaml": spec}, "tools": {"ruff": tools}, "files": hashes}
    return files | {MANIFEST: json.dumps(manifest)}


def tree(root: Path) -> Tree:
    """Return every file below a folder."""
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


def test_write_returns_every_written_file(tmp_path: Path) -> None:
    changed = write(OLD, tmp_path)
    assert tree(tmp_path) == {path: text.encode() for path, text in OLD.items()}
    assert sorted(changed) == sorted(tmp_path / path for path in OLD)


def test_second_write_changes_nothing(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert write(OLD, root) == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_folder_of_another_package_is_refused(root: Path) -> None:
    before = tree(root)
    with pytest.raises(InputError, match=r"out: error: it holds the package p, not q; .*\(other-package\)"):
        write(made({"q/a.py": "a\n"}), root)
    assert tree(root) == before


def test_package_that_was_not_generated_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/__init__.py").write_text("mine")
    with pytest.raises(InputError, match=r"p/__init__.py: error: the generator did not write this package"):
        write(made({"p/__init__.py": f"{HEADER}a\n"}), tmp_path)
    assert tree(tmp_path) == {"p/__init__.py": b"mine"}


def test_package_whose_manifest_is_lost_is_written_again(tmp_path: Path) -> None:
    files = made({"p/__init__.py": f"{HEADER}a\n"})
    write(files, tmp_path)
    (tmp_path / MANIFEST).write_text("?")
    assert write(files, tmp_path) == [tmp_path / MANIFEST]


def test_few_changes_are_named(root: Path) -> None:
    lines = describe_changes(write(NEW, root), NEW, root)
    assert lines[-1] == f"the package p in {root}: 3 of its {len(NEW)} files written, 2 removed"
    assert f"removed: {root / 'p/gone.py'}" in lines
    assert f"written: {root / 'p/deep/c.py'}" in lines


def test_many_changes_are_counted(tmp_path: Path) -> None:
    files = made({f"p/{number}.py": "a\n" for number in range(FEW)})
    (line,) = describe_changes(write(files, tmp_path), files, tmp_path)
    assert line == f"the package p in {tmp_path}: {FEW + 1} files written"


def test_write_removes_files_that_are_no_longer_made(root: Path) -> None:
    changed = write(NEW, root)
    assert tree(root) == {path: text.encode() for path, text in NEW.items()}
    assert {root / "p/gone.py", root / "p/py.typed"} <= set(changed)
    assert root / "p/b.py" not in changed


def test_a_removed_module_leaves_no_folder_and_no_bytecode(root: Path) -> None:
    more = {
        "p/old/__init__.py": "",
        "p/old/deep/a.py": "A = 1\n",
        "p/shared/b.py": "",
        "p/b.py": OLD["p/b.py"],
    }
    write(made(more), root)
    for folder, names in {"p/old/deep": ["a"], "p/shared": ["b", "mine"]}.items():
        (root / folder / "__pycache__").mkdir()
        for name in names:
            (root / folder / "__pycache__" / f"{name}.cpython-311.pyc").touch()
    write(NEW, root)
    assert not (root / "p/old").exists()
    assert [path.name for path in (root / "p/shared/__pycache__").iterdir()] == ["mine.cpython-311.pyc"]


def test_write_does_not_touch_foreign_files(root: Path) -> None:
    (root / "p/mine.py").write_text("mine")
    write(NEW, root)
    assert (root / "p/mine.py").read_text() == "mine"


def test_manifest_paths_outside_the_folder_are_ignored(root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_text("precious")
    manifest = json.loads((root / MANIFEST).read_text())
    digest = sha256(b"precious").hexdigest()
    manifest["files"] = {"../outside.py": digest, str(outside): digest, "p/../../outside.py": digest}
    (root / MANIFEST).write_text(json.dumps(manifest))
    write(NEW, root)
    assert outside.read_text() == "precious"


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"files": [1]}', '{"files": {"p/a.py": 5}}'])
def test_broken_manifest_is_replaced(root: Path, manifest: str) -> None:
    (root / MANIFEST).write_text(manifest)
    assert compare(OLD, root) != []
    write(OLD, root)
    assert compare(OLD, root) == []


def test_failed_mkdir_leaves_output_unchanged(root: Path) -> None:
    (root / "p/deep").write_text("a file where a folder should be")
    before = tree(root)
    with pytest.raises(InputError, match=r"cannot write: .*\(write\)"):
        write(NEW, root)
    assert tree(root) == before


def test_output_folder_that_is_a_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(InputError, match="cannot write"):
        write(NEW, tmp_path / "out")
    assert tree(tmp_path) == {"out": b"not a folder"}


@pytest.mark.parametrize(("owner", "step"), [(os, "fchmod"), (Path, "replace"), (Path, "unlink")])
@pytest.mark.parametrize("when", [1, 2])
def test_failing_disk_leaves_output_unchanged(
    root: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str, when: int
) -> None:
    before = tree(root)
    real = getattr(owner, step)
    calls = 0

    def failing(first: Path | int, *args: object, **kwargs: object) -> object:
        nonlocal calls
        # Only the steps of writing fail: cleaning up afterwards must work.
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
    """Return the reason that `compare` gives for each file, up to the semicolon."""
    differences = compare(files, root)
    return {d.path.relative_to(root).as_posix(): d.reason.partition(";")[0] for d in differences}


def test_current_output_has_no_differences(root: Path) -> None:
    assert compare(OLD, root) == []


def test_compare_names_spec_tools_or_generator_as_cause(root: Path) -> None:
    changed = {"p/a.py": "A\n", "p/b.py": "b\n", "p/gone.py": "gone\n", "p/py.typed": ""}
    assert reasons(made(changed, spec="two"), root)["p/a.py"] == "the spec changed"
    assert reasons(made(changed, tools="2.0"), root)["p/a.py"] == "the tools changed"
    assert reasons(made(changed), root)["p/a.py"] == "the generator or a template changed"


def test_hand_edit_is_reported_when_the_spec_changed_too(root: Path) -> None:
    (root / "p/b.py").write_text("edited\n")
    found = reasons(made({"p/a.py": "A\n", "p/b.py": "b\n"}, spec="two"), root)
    assert found == {
        "manifest.json": "the spec changed",
        "p/a.py": "the spec changed",
        "p/b.py": "edited by hand",
        "p/gone.py": "the spec changed",
        "p/py.typed": "the spec changed",
    }


def test_missing_and_foreign_files_are_reported(root: Path) -> None:
    (root / "p/a.py").unlink()
    (root / "p/mine.py").write_text("mine\n")
    assert reasons(OLD, root) == {"p/a.py": "missing", "p/mine.py": "the generator did not write this file"}


def test_other_line_endings_and_binary_data_are_hand_edits(root: Path) -> None:
    (root / "p/a.py").write_bytes(b"a\r\n")
    (root / "p/b.py").write_bytes(b"\xff\n")
    assert reasons(OLD, root) == {"p/a.py": "edited by hand", "p/b.py": "edited by hand"}
    assert [difference.diff for difference in compare(OLD, root)] == [
        "--- p/a.py (on disk)\n+++ p/a.py (from the spec)\n@@ -1 +1 @@\n-a\r\n+a\n",
        "--- p/b.py (on disk)\n+++ p/b.py (from the spec)\n@@ -1 +1 @@\n-\\xff\n+b\n",
    ]


def test_absent_folder_lacks_every_file(tmp_path: Path) -> None:
    assert set(reasons(OLD, tmp_path / "nowhere")) == set(OLD)


def test_bytecode_files_are_not_differences(root: Path) -> None:
    (root / "p/__pycache__").mkdir()
    (root / "p/__pycache__/a.cpython-311.pyc").write_bytes(b"\0")
    assert compare(OLD, root) == []


def test_compare_writes_nothing(root: Path) -> None:
    (root / "p/a.py").write_text("edited\n")
    before = tree(root)
    compare(NEW, root)
    assert tree(root) == before
