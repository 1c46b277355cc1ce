"""The journal on the command line: kept without asking, and what a crash leaves is picked up."""

import json
from pathlib import Path

import pytest
import typer

from kie_ideogram import Kie, errors
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, edit
from tests.pictures.support import Files


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def crashed(sandbox: Sandbox, journal: Path, files: Files, *keys: str) -> list[str]:
    """Create tasks, as a program does that dies before it has saved anything."""
    with Kie(sandbox.keys[0], base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal) as kie:
        url = kie.files.upload(files.image).download_url
        mask = kie.files.upload(files.mask).download_url
        return [
            kie.character_edit.create(
                prompt=key, image_url=url, mask_url=mask, reference_image_urls=[url], idempotency_key=key
            ).id
            for key in keys
        ]


def doubt(journal: Path, key: str, named: str | None = None) -> None:
    """Make a job's outcome unknown, as a lost answer does, or a doubtful one that names a task."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(journal)) as db, db:
        db.execute(
            "UPDATE submissions SET state = 'unknown', task_id = ? WHERE idempotency_key = ?", (named, key)
        )


def test_the_same_job_is_paid_for_once(cli: Command, files: Files, sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(sandbox.charges)
    command = edit(files, "--idempotency-key", "order-17", "-o", tmp_path / "out")
    first, second = cli(*command), cli(*command)
    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    assert len(sandbox.charges) == before + 1


def test_a_repeated_job_is_told_with_the_request_that_made_it_and_may_draw_the_sheet(
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


def test_another_edit_of_the_same_job_is_refused(cli: Command, files: Files, tmp_path: Path) -> None:
    assert cli(*edit(files, "--idempotency-key", "order-17", "-o", tmp_path)).code == 0
    done = cli(*edit(files, "--idempotency-key", "order-17", "-o", tmp_path, prompt="something else"))
    assert done.code == 2
    assert "idempotency_key: was used for a different request before" in done.err


def test_resume_saves_what_is_unfinished(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    ids = crashed(sandbox, journal, files, "one", "two")
    done = cli("resume", "-o", tmp_path / "out")
    assert done.code == 0
    assert sorted(done.out.split()) == sorted(str(tmp_path / "out" / f"{task_id}-1.png") for task_id in ids)
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in done.out.split())
    assert cli("resume", "-o", tmp_path / "out", "--json").out == "[]\n"
    assert cli("resume") == (0, "", f"nothing is unfinished in {journal} for {sandbox.url}\n")


def test_resume_goes_on_when_one_task_cannot_be_followed(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    first, second = crashed(sandbox, journal, files, "one", "two")
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(journal)) as db, db:
        db.execute("UPDATE submissions SET task_id = 'nowhere', changed = 0 WHERE idempotency_key = 'one'")
    done = cli("resume", "-o", tmp_path / "out")
    assert done.code == 6
    assert "nowhere" in done.err
    assert done.out.split() == [str(tmp_path / "out" / f"{second}-1.png")]
    assert first != second


def test_unknown_says_how_to_attach_a_task_that_a_doubtful_answer_named(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path
) -> None:
    (task_id,) = crashed(sandbox, journal, files, "order-17")
    doubt(journal, "order-17", task_id)
    done = cli("unknown")
    assert f"kie-ideogram attach order-17 {task_id}" in done.out
    assert json.loads(cli("unknown", "--json").out)[0]["task_id"] == task_id
    assert cli("attach", "order-17", task_id).code == 0
    assert cli("unknown").code == 0


def test_unknown_lists_what_is_at_stake_and_ends_in_five(
    cli: Command, files: Files, sandbox: Sandbox, journal: Path
) -> None:
    crashed(sandbox, journal, files, "order-17")
    assert cli("unknown") == (0, "", f"no create is in doubt in {journal} for {sandbox.url}\n")
    doubt(journal, "order-17")
    done = cli("unknown")
    assert done.code == 5
    assert "order-17" in done.out
    assert "USD 0.09 at stake" in done.out
    (facts,) = json.loads(cli("unknown", "--json").out)
    assert (facts["idempotency_key"], facts["credits"]) == ("order-17", 18)
    assert cli("resume").err == (
        "unknown whether created: order-17; see: kie-ideogram unknown "
        f"--base-url {sandbox.url} --upload-base-url {sandbox.url} --journal {journal}\n"
    )


def test_attach_names_the_task(cli: Command, files: Files, sandbox: Sandbox, journal: Path) -> None:
    (task_id,) = crashed(sandbox, journal, files, "order-17")
    doubt(journal, "order-17")
    assert task_id in cli("attach", "order-17", task_id).out
    assert cli("unknown").code == 0


def test_resend_pays_again(cli: Command, files: Files, sandbox: Sandbox, journal: Path) -> None:
    crashed(sandbox, journal, files, "order-17")
    doubt(journal, "order-17")
    before = len(sandbox.charges)
    assert cli("resend", "order-17").code == 0
    assert len(sandbox.charges) == before + 1
    done = cli("resend", "order-17")
    assert (done.code, "is accepted, not unknown" in done.err) == (2, True)


def test_the_usual_place_is_the_applications_own(
    cli: Command, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIE_JOURNAL")
    monkeypatch.setattr(typer, "get_app_dir", lambda name: str(tmp_path / "state" / name))
    assert cli(*edit(files, "-o", tmp_path)).code == 0
    assert (tmp_path / "state" / "kie-ideogram" / "journal.db").exists()


def test_a_journal_that_cannot_be_written_ends_in_ten(cli: Command, files: Files, tmp_path: Path) -> None:
    done = cli(*edit(files, "--journal", tmp_path))
    assert (done.code, "the journal cannot be written" in done.err) == (10, True)
    assert errors.JournalError.__name__ not in done.err
