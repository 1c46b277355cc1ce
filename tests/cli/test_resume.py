"""`resume` does with each task what its own command was asked to do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.cli.conftest import Command, edit, servers
from tests.money.support import KEY
from tests.pictures.support import Files

HOUR = 3600


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def sandbox(clock: VirtualClock) -> Iterator[Sandbox]:
    """A sandbox whose tasks end when the clock advances."""
    with Sandbox(keys=[KEY], clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def cli(sandbox: Sandbox, bare: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    return lambda *arguments: bare(*arguments, *servers(sandbox))


def interrupt(cli: Command, sandbox: Sandbox, clock: VirtualClock, command: list[object]) -> str:
    """Run a command that gives up early, let its task end, and return the task's id."""
    assert cli(*command, "--timeout", 10).code == 4
    clock.advance(HOUR)
    return sandbox.charges[-1].task_id


def record_of(folder: Path, task_id: str) -> Any:
    return json.loads((folder / f"{task_id}.json").read_text(encoding="utf-8"))


def test_resume_uses_the_folder_of_the_command(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files.folder)
    task_id = interrupt(cli, sandbox, clock, edit(files, "-o", "out"))
    (elsewhere := files.folder / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    out = files.folder / "out"
    assert cli("resume").out == f"{out / task_id}-1.png\n"
    assert list(elsewhere.iterdir()) == []


def test_resume_records_the_inputs(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    command = edit(files, "-o", tmp_path / "out", "--repaint", "black")
    task_id = interrupt(cli, sandbox, clock, command)
    assert cli("resume").code == 0
    resumed = record_of(tmp_path / "out", task_id)
    assert resumed["inputs"] == json.loads(cli(*command, "--dry-run", "--json").out)["pictures"]
    assert resumed["request"]["input"]["prompt"] == "a smile"


def test_resume_draws_the_contact_sheet(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    command = edit(files, "-o", tmp_path / "out", "--contact-sheet", "--repaint", "black")
    task_id = interrupt(cli, sandbox, clock, [*command, "--idempotency-key", "one"])
    (done,) = json.loads(cli("resume", "--json").out)
    resumed = Path(done["contact_sheet"])
    assert resumed == tmp_path / "out" / f"{task_id}-sheet.png"
    drawn = resumed.read_bytes()
    resumed.unlink()
    again = json.loads(cli(*command, "--idempotency-key", "one", "--json").out)
    assert Path(again["contact_sheet"]).read_bytes() == drawn


def test_resume_replaces_files_if_the_command_was_to(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    for options, code in ((["--overwrite"], 0), ([], 8)):
        task_id = interrupt(cli, sandbox, clock, edit(files, "-o", tmp_path, *options))
        taken = tmp_path / f"{task_id}-1.png"
        taken.write_bytes(b"mine")
        assert cli("resume").code == code
        assert (taken.read_bytes() == b"mine") is (code == 8)
        cli("mark-done", task_id)


def test_resume_saves_all_tasks_in_a_given_folder(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    task_id = interrupt(cli, sandbox, clock, edit(files, "-o", tmp_path / "out"))
    assert cli("resume", "-o", tmp_path / "other").out == f"{tmp_path / 'other' / task_id}-1.png\n"


def test_last_command_of_a_key_says_where_its_task_is_saved(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    command = edit(files, "--idempotency-key", "one", "--timeout", 10)
    assert [cli(*command, "-o", tmp_path / name).code for name in ("first", "last")] == [4, 4]
    clock.advance(HOUR)
    assert cli("resume").out == f"{tmp_path / 'last' / sandbox.charges[-1].task_id}-1.png\n"


def test_missing_input_costs_the_contact_sheet_only(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    task_id = interrupt(cli, sandbox, clock, edit(files, "-o", tmp_path / "out", "--contact-sheet"))
    files.reference.unlink()
    done = cli("resume")
    assert (done.code, done.out) == (8, f"{tmp_path / 'out' / task_id}-1.png\n")
    assert f"{files.reference}: " in done.err
    assert cli("resume").err.startswith("no unfinished task")


@pytest.mark.parametrize("command", ["wait", "download"])
def test_other_commands_record_the_inputs_and_that_it_is_done(
    cli: Command, files: Files, sandbox: Sandbox, clock: VirtualClock, tmp_path: Path, command: str
) -> None:
    task_id = interrupt(cli, sandbox, clock, edit(files, "-o", tmp_path / "out"))
    assert cli(command, task_id, "-o", tmp_path / "other").code == 0
    names = [one["name"] for one in record_of(tmp_path / "other", task_id)["inputs"]]
    assert names == ["image.png", "mask.png", "reference.png"]
    assert cli("resume").err.startswith("no unfinished task")
