"""The commands: their output, exit codes and effects on files."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from generator.__main__ import app, run
from tests.generator.edits import ROOT, SPEC, edited, placed, read_changes, write_spec

GENERATED = ROOT / "generated"
SEVERAL = Path(__file__).parent / "cases" / "lint" / "several-at-once"
NEW_LIMIT = {"file": "openapi.yaml", "find": "maxLength: 5000", "replace": "maxLength: 4000"}


def generator(*arguments: str | Path) -> int:
    """Run a command in this process; return its exit code."""
    with pytest.raises(SystemExit) as exit_:
        run(lambda: app([str(argument) for argument in arguments], prog_name="python -m generator"))
    return int(exit_.value.code or 0)


def tree(root: Path) -> dict[str, bytes]:
    """Return every file below a folder, except bytecode."""
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a copy of the committed output."""
    copytree(GENERATED, tmp_path / "out", ignore=lambda _, names: {"__pycache__"} & set(names))
    return tmp_path / "out"


def test_lint_of_the_committed_spec_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert generator("lint") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("the spec is complete")
    assert captured.err == ""


@pytest.mark.parametrize("command", ["lint", "generate", "check"])
def test_broken_spec_prints_all_faults_and_writes_nothing(
    command: str,
    tmp_path: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = edited(read_changes(SEVERAL))
    write_spec(texts, tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    before = tree(out)
    assert generator(command, "--spec", "spec", *(("--out", out) if command != "lint" else ())) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert placed(captured.err, texts) == (SEVERAL / "stderr.txt").read_text(encoding="utf-8")
    assert tree(out) == before


def test_faults_of_both_documents_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflows.arazzo.yaml").write_text("a: no\n")
    assert generator("lint", "--spec", ".") == 2
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "(file-missing)",
        "(yaml-implicit)",
    ]


def test_second_generate_prints_nothing_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generator("generate", "--out", tmp_path) == 0
    assert tree(tmp_path) == tree(GENERATED)
    capsys.readouterr()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert generator("generate", "--out", tmp_path) == 0
    assert capsys.readouterr().out == "nothing changed\n"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_generate_prints_changed_files(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write_spec(edited([NEW_LIMIT]), tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    assert generator("generate", "--spec", SPEC, "--out", out) == 0
    capsys.readouterr()
    assert generator("generate", "--spec", spec, "--out", out) == 0
    *lines, summary = capsys.readouterr().out.splitlines()
    assert lines == [
        "written: out/kie_ideogram/_declared/character_edit.py",
        "written: out/kie_ideogram/_help.py",
        "written: out/kie_ideogram/resources/character_edit.py",
        "written: out/manifest.json",
    ]
    assert summary.startswith("the package kie_ideogram in out: 4 of its ")


def test_unwritable_output_prints_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert generator("generate", "--out", tmp_path / "file" / "out") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("file/out: error: cannot write: ")


def test_quiet_check_of_current_output_prints_nothing(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generator("check", "--out", out) == 0
    assert capsys.readouterr() == ("the package is up to date with the spec\n", "")
    assert generator("check", "--quiet", "--out", out) == 0
    assert capsys.readouterr() == ("", "")


def test_check_of_stale_output_prints_diff_and_writes_nothing(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write_spec(edited([NEW_LIMIT]), tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    assert generator("generate", "--spec", SPEC, "--out", out) == 0
    capsys.readouterr()
    before = tree(tmp_path)
    assert generator("check", "--spec", spec, "--out", out) == 1
    captured = capsys.readouterr()
    assert "+++ kie_ideogram/resources/character_edit.py (from the spec)\n" in captured.out
    assert (
        "-            prompt: What to paint into the masked region. At most 5000 characters.\n"
        in captured.out
    )
    assert (
        "+            prompt: What to paint into the masked region. At most 4000 characters.\n"
        in captured.out
    )
    assert captured.err.splitlines() == [
        f"out/{path}: error: the spec changed; run `make generate` (stale)"
        for path in (
            "kie_ideogram/_declared/character_edit.py",
            "kie_ideogram/_help.py",
            "kie_ideogram/resources/character_edit.py",
            "manifest.json",
        )
    ]
    assert tree(tmp_path) == before


def test_check_reports_a_hand_edit(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with (out / "kie_ideogram/client.py").open("a") as file:
        file.write("# mine\n")
    assert generator("check", "--out", out) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == "-# mine"
    assert captured.err == (
        "out/kie_ideogram/client.py: error: edited by hand; "
        "change the spec, a template or the runtime, then run `make generate` (stale)\n"
    )


def test_output_is_independent_of_hash_seed_and_directory(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "generator", "generate", "--out", tmp_path / "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "4711"},  # the committed output was made with another
        check=True,
        capture_output=True,
    )
    assert tree(tmp_path / "out") == tree(GENERATED)


def test_crash_exits_70(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise AssertionError("this cannot be")

    with pytest.raises(SystemExit) as ended:
        run(broken)
    assert ended.value.code == 70
    assert "AssertionError: this cannot be" in capsys.readouterr().err


def test_module_runs_as_command_line() -> None:
    command = [sys.executable, "-m", "generator", "lint", "--spec", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "nowhere/openapi.yaml: error: no such file (file-missing)",
        "nowhere/workflows.arazzo.yaml: error: no such file (file-missing)",
    ]


def test_check_finds_a_change_after_a_check(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generator("check", "--out", out) == 0
    with (out / "kie_ideogram" / "task.py").open("a") as file:
        file.write("# more\n")
    assert generator("check", "--out", out) == 1
    assert "-# more" in capsys.readouterr().out
