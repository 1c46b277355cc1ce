"""The journal on the command line: used without asking, and after a crash everything is recovered."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kie_ideogram import Kie, errors
from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.options.completion import complete_task_id
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, edit
from tests.pictures.support import Files


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def crashed(sandbox: Sandbox, journal: Path, files: Files, *keys: str) -> list[str]:
    """Create tasks, as a program does that crashes before it has saved anything."""
    with Kie(sandbox.keys[0], base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal) as kie:
        url = kie.files.upload(files.image).download_url
        mask = kie.files.upload(files.mask).download_url
        return [
            kie.character_edit.create(
                prompt=key, image_url=url, mask_url=mask, reference_image_urls=[url], idempotency_key=key
            ).id
            for key in keys
        ]


def make_unknown(journal: Path, key: str, named: str | None = None) -> None:
    """Make an outcome unknown, as a lost response does, or an untrustworthy one that names a task."""
    with closing(sqlite3.connect(journal)) as db, db:
        db.execute(
            "UPDATE submissions SET state = 'unknown', task_id = ? WHERE idempotency_key = ?", (named, key)
        )


def test_repeated_key_is_charged_once(cli: Command, files: Files, sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(sandbox.charges)
    command = edit(files, "--idempotency-key", "order-17", "-o", tmp_path / "out")
    first, second = cli(*command), cli(*command)
    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    assert len(sandbox.charges) == before + 1


def test_repeated_key_prints_the_first_request(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    command = edit(files, "--idempotency-key", "order-17", "--json", "-o", tmp_path / "out")
    first = json.loads(cli(*command).out)
    again = json.loads(cli(*command, "--contact-sheet").out)
    assert again["request"]["input"].items() >= first["request"]["input"].items()
    sheet = Path(again["contact_sheet"])
    drawn = sheet.read_bytes()
    assert cli(*command, "--contact-sheet").code == 0
    sheet.write_bytes(b"mine")
    done = cli(*command, "--contact-sheet")
    assert (done.code, f"{sheet} exists already" in done.err) == (8, True)
    assert sheet.read_bytes() == b"mine"
    assert cli(*command, "--contact-sheet", "--overwrite").code == 0
    assert sheet.read_bytes() == drawn


def test_different_edit_of_a_key_exits_2(cli: Command, files: Files, tmp_path: Path) -> None:
    assert cli(*edit(files, "--idempotency-key", "order-17", "-o", tmp_path)).code == 0
    done = cli(*edit(files, "--idempotency-key", "order-17", "-o", tmp_path, prompt="something else"))
    assert done.code == 2
    assert "--idempotency-key: was used for a different request before" in done.err


def test_resume_saves_unfinished_tasks(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    ids = crashed(sandbox, journal, files, "one", "two")
    done = cli("resume", "-o", tmp_path / "out")
    assert done.code == 0
    assert sorted(done.out.split()) == sorted(str(tmp_path / "out" / f"{task_id}-1.png") for task_id in ids)
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in done.out.split())
    assert cli("resume", "-o", tmp_path / "out", "--json").out == "[]\n"
    assert cli("resume") == (0, "", f"no unfinished task in {journal} for {sandbox.url}\n")


def test_resume_continues_after_one_task_fails(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    first, second = crashed(sandbox, journal, files, "one", "two")
    with closing(sqlite3.connect(journal)) as db, db:
        db.execute("UPDATE submissions SET task_id = 'nowhere', changed = 0 WHERE idempotency_key = 'one'")
    done = cli("resume", "-o", tmp_path / "out")
    assert done.code == 6
    assert "nowhere" in done.err
    assert done.out.split() == [str(tmp_path / "out" / f"{second}-1.png")]
    assert first != second


def test_unknown_prints_the_attach_command(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path
) -> None:
    (task_id,) = crashed(sandbox, journal, files, "order-17")
    make_unknown(journal, "order-17", task_id)
    done = cli("unknown")
    assert f"kie-ideogram attach order-17 {task_id}" in done.out
    assert json.loads(cli("unknown", "--json").out)[0]["task_id"] == task_id
    assert cli("attach", "order-17", task_id).code == 0
    assert cli("unknown").code == 0


def test_unknown_lists_the_cost_and_exits_5(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path
) -> None:
    crashed(sandbox, journal, files, "order-17")
    assert cli("unknown") == (0, "", f"no unknown submission in {journal} for {sandbox.url}\n")
    make_unknown(journal, "order-17")
    done = cli("unknown")
    assert done.code == 5
    assert "order-17" in done.out
    assert "may have cost 18 credits, about USD 0.09" in done.out
    (facts,) = json.loads(cli("unknown", "--json").out)
    assert (facts["idempotency_key"], facts["credits"]) == ("order-17", 18)
    assert cli("resume").err == (
        "unknown whether created: order-17; to list them: kie-ideogram unknown "
        f"--base-url {sandbox.url} --upload-base-url {sandbox.url} --journal {journal}\n"
    )


def test_attach_settles_the_submission(cli: Command, files: Files, sandbox: Sandbox, journal: Path) -> None:
    (task_id,) = crashed(sandbox, journal, files, "order-17")
    make_unknown(journal, "order-17")
    assert task_id in cli("attach", "order-17", task_id).out
    assert cli("unknown").code == 0


def test_resend_is_charged_again(cli: Command, files: Files, sandbox: Sandbox, journal: Path) -> None:
    crashed(sandbox, journal, files, "order-17")
    make_unknown(journal, "order-17")
    before = len(sandbox.charges)
    assert cli("resend", "order-17").code == 0
    assert len(sandbox.charges) == before + 1
    done = cli("resend", "order-17")
    assert (done.code, "is accepted, not unknown" in done.err) == (2, True)


@pytest.mark.parametrize("command", ["unknown", "resume", "mark-done"])
def test_local_commands_need_no_key(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (task_id,) = crashed(sandbox, journal, files, "order-17")
    monkeypatch.delenv("KIE_API_KEY")
    assert cli("mark-done", task_id) == (0, "", f"task {task_id}: marked as done\n")
    done = cli(command, *([task_id] if command == "mark-done" else []))
    assert done.code == 0
    assert "API key" not in done.err


def test_mark_done_leaves_the_task_out_of_resume(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    first, second = crashed(sandbox, journal, files, "one", "two")
    assert json.loads(cli("mark-done", first, "--json").out) == {"id": first, "done": True}
    assert cli("resume", "-o", tmp_path / "out").out == f"{tmp_path / 'out' / second}-1.png\n"


@pytest.mark.parametrize("command", [("attach", "nowhere", "t"), ("resend", "nowhere")])
def test_key_that_the_journal_lacks_exits_2(cli: Command, command: tuple[str, ...]) -> None:
    done = cli(*command)
    assert (done.code, done.err.startswith("error: KEY: 'nowhere' is not in the journal for ")) == (2, True)


def test_mark_done_of_an_unknown_task_exits_2(cli: Command) -> None:
    done = cli("mark-done", "nowhere")
    assert (done.code, done.err) == (2, "error: TASK_ID: is not a task in the journal\n")


def test_resume_with_unfinished_tasks_needs_a_key(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed(sandbox, journal, files, "order-17")
    monkeypatch.delenv("KIE_API_KEY")
    done = cli("resume")
    assert (done.code, "set the environment variable KIE_API_KEY" in done.err) == (1, True)


def test_resume_prints_each_task(cli: Command, files: Files, sandbox: Sandbox, journal: Path) -> None:
    ids = crashed(sandbox, journal, files, "one", "two")
    lines = cli("resume", "-o", journal.parent / "out").err.splitlines()
    assert {f"task {task_id}: waiting" for task_id in ids} <= set(lines)
    assert {f"task {task_id}: success" for task_id in ids} <= set(lines)
    assert lines[-1] == "saved 2 files; cost: 36 credits, about USD 0.18"


def test_servers_come_from_the_environment(
    bare: Command, sandbox: Sandbox, files: Files, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
    monkeypatch.setenv("KIE_BASE_URL", sandbox.url)
    monkeypatch.setenv("KIE_UPLOAD_BASE_URL", sandbox.url)
    assert bare("upload", files.image).out.startswith(sandbox.url)
    assert bare("unknown").err == f"no unknown submission in {journal} for {sandbox.url}\n"


def test_default_journal_is_in_the_config_folder(
    cli: Command, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIE_JOURNAL")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "state"))
    assert cli(*edit(files, "-o", tmp_path)).code == 0
    assert (tmp_path / "state" / "kie-ideogram" / "journal.db").exists()


def test_unwritable_journal_exits_10(cli: Command, files: Files, tmp_path: Path) -> None:
    done = cli(*edit(files, "--journal", tmp_path))
    assert (done.code, "is a folder; the journal is a file" in done.err) == (10, True)
    assert errors.JournalError.__name__ not in done.err


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_call: Callable[..., None]) -> Path:
    """Run as a user without a home folder, as in a container; returns the current folder."""

    for name in ("KIE_JOURNAL", "HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    break_call(KeyError("getpwuid(): uid not found"), "pwd.getpwuid")
    folder = tmp_path / "current"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_no_home_folder_exits_10_and_names_the_options(bare: Command, homeless: Path) -> None:
    done = bare("unknown")
    assert done.code == 10
    assert "--journal PATH" in done.err
    assert "KIE_JOURNAL" in done.err
    assert list(homeless.iterdir()) == []


def test_no_home_folder_still_takes_a_journal(bare: Command, homeless: Path) -> None:
    assert bare("unknown", "--journal", homeless / "journal.db").code == 0


def test_no_home_folder_completes_no_task(homeless: Path) -> None:
    assert complete_task_id(package())("") == []


def test_no_home_folder_is_a_finding_of_doctor(cli: Command, homeless: Path) -> None:
    done = cli("doctor")
    assert done.code == 1
    assert "problem  journal: " in done.out
    assert "set KIE_JOURNAL to a file" in done.out
    assert cli("doctor", "--journal", homeless / "journal.db").code == 0
