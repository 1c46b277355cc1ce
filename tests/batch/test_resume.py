"""A batch that runs again continues by key, and pays for nothing twice."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from kie_ideogram import errors
from kie_ideogram._runtime.core.clock import SystemClock
from tests.batch.support import Folder, calls
from tests.money.support import HURRIED, Hurried
from tests.sandbox.support import picture


class Later(SystemClock):
    """After a link has expired (a day) and can no longer be renewed (14 days)."""

    def unix(self) -> float:
        return super().unix() + 16 * 86_400


FAILURE = {"call": "createTask", "fail": {"code": "422", "msg": "the picture was refused"}}


def test_uploads_are_shared_by_all_rows(folder: Folder, sandbox: Hurried) -> None:
    outcomes = folder.run(sandbox, folder.keyed(12))
    assert Counter(outcome.status for outcome in outcomes.values()) == {"succeeded": 12}
    assert calls(sandbox)["uploadFile"] == 3
    assert len(sandbox.charges) == 12
    for key, outcome in outcomes.items():
        assert [path.parent for path in outcome.paths] == [folder.out / key]
        assert outcome.paths[0].stat().st_size


def test_finished_rows_cost_no_call(folder: Folder, sandbox: Hurried) -> None:
    first = folder.run(sandbox, folder.keyed(3))
    before = len(sandbox.calls)
    again = folder.run(sandbox, folder.keyed(3))
    assert len(sandbox.calls) == before
    assert {key: one._replace(earlier=True) for key, one in first.items()} == again


def test_rows_in_another_order_and_new_rows_run_once(folder: Folder, sandbox: Hurried) -> None:
    folder.run(sandbox, folder.keyed(2))
    rows = folder.csv(*({"key": f"k{n}", "prompt": f"prompt {n}"} for n in (2, 1, 0)))
    assert [key for key, one in folder.run(sandbox, rows).items() if not one.earlier] == ["k2"]
    assert len(sandbox.charges) == 3


def test_row_without_a_key_is_known_by_its_content(folder: Folder, sandbox: Hurried) -> None:
    folder.run(sandbox, folder.csv({}, {"prompt": "b"}))
    folder.files.add("copy.png", folder.files.image.read_bytes())
    outcomes = folder.run(sandbox, folder.csv({"prompt": "b"}, {"image": "in/copy.png"}))
    assert len(sandbox.charges) == 2
    assert all(outcome.earlier for outcome in outcomes.values())


@pytest.mark.parametrize("forget", ["", "results.jsonl"])
def test_changed_row_under_an_old_key_shows_both(folder: Folder, sandbox: Hurried, forget: str) -> None:
    folder.run(sandbox, folder.keyed(2))
    if forget:
        (folder.out / forget).unlink()
    rows = folder.csv({"key": "k1", "prompt": "another"})
    with pytest.raises(
        errors.InvalidInputError, match=r'prompt was "prompt 1" and is now "another"'
    ) as raised:
        folder.run(sandbox, rows)
    assert [fault.path for fault in raised.value.faults] == ["rows.csv:2: key"]


def test_changed_picture_under_an_old_key_is_refused(folder: Folder, sandbox: Hurried) -> None:
    rows = folder.keyed(1)
    folder.run(sandbox, rows)
    folder.files.add("reference.png", picture("red"))
    with pytest.raises(errors.InvalidInputError, match=r"reference was .sha256:"):
        folder.run(sandbox, rows)
    (folder.out / "results.jsonl").unlink()
    assert folder.run(sandbox, rows)["k0"].status == "failed"  # found at its turn
    assert len(sandbox.charges) == 1


def test_results_that_were_not_recorded_are_found(folder: Folder, sandbox: Hurried) -> None:
    folder.run(sandbox, folder.keyed(3))
    (folder.out / "results.jsonl").unlink()
    before = len(sandbox.calls)
    outcomes = folder.run(sandbox, folder.keyed(3))
    assert len(sandbox.calls) == before
    assert {outcome.status for outcome in outcomes.values()} == {"succeeded"}


def test_deleted_results_are_downloaded_again(folder: Folder, sandbox: Hurried) -> None:
    folder.run(sandbox, folder.keyed(2))
    shutil.rmtree(folder.out / "k1")
    outcome = folder.run(sandbox, folder.keyed(2))["k1"]
    assert outcome.paths[0].exists()
    assert len(sandbox.charges) == 2


def test_line_that_a_crash_cut_off_is_left_out(folder: Folder, sandbox: Hurried) -> None:
    folder.run(sandbox, folder.keyed(2))
    results = folder.out / "results.jsonl"
    results.write_bytes(results.read_bytes()[:-20])
    outcomes = folder.run(sandbox, folder.keyed(2))
    assert sorted(outcome.earlier for outcome in outcomes.values()) == [False, True]
    assert {outcome.key for outcome in outcomes.values() if outcome.earlier} < {"k0", "k1"}
    assert all(outcome.earlier for outcome in folder.run(sandbox, folder.keyed(2)).values())


@pytest.mark.parametrize(
    "line", [b"5", b"null", b'"k0"', b"[]", b"{}", b"\xff", b"[" * 100_000], ids=lambda line: line[:4]
)
def test_line_of_another_program_is_left_out(folder: Folder, sandbox: Hurried, line: bytes) -> None:
    folder.run(sandbox, folder.keyed(1))
    with (folder.out / "results.jsonl").open("ab") as results:
        results.write(line + b"\n")
    assert folder.run(sandbox, folder.keyed(1))["k0"].earlier


def test_failed_row_is_run_again_only_on_request(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([FAILURE])
    rows = folder.keyed(1)
    failed = folder.run(sandbox, rows)["k0"]
    assert (failed.status, failed.error) == ("failed", "TaskFailedError")
    assert "the picture was refused" in failed.reason
    assert folder.run(sandbox, rows)["k0"].earlier
    assert len(sandbox.charges) == 1
    again = folder.run(sandbox, rows, retry="failed")["k0"]
    assert (again.status, again.idempotency_key) == ("succeeded", "k0~2")


@pytest.mark.parametrize("gone", ["its link", "the task"])
def test_row_whose_result_is_lost_is_paid_again_only_on_request(
    folder: Folder, sandbox: Hurried, gone: str
) -> None:
    rows = folder.keyed(1)
    folder.run(sandbox, rows)
    shutil.rmtree(folder.out / "k0")
    with closing(sqlite3.connect(folder.journal)) as journal, journal:
        journal.execute("UPDATE submissions SET state = 'succeeded'")  # as if it could not be saved
    sandbox._service.store._files.clear()
    if gone == "the task":
        sandbox._service.tasks._by_id.clear()
    # Until its time is over, the service may find the result again.
    assert folder.run(sandbox, rows)["k0"].status == "unfinished"
    lost = folder.run(sandbox, rows, HURRIED._replace(clock=Later()))["k0"]
    assert (lost.status, lost.task_id) == ("lost", sandbox.charges[0].task_id)
    assert folder.run(sandbox, rows, retry="failed")["k0"] == lost._replace(earlier=True)
    assert len(sandbox.charges) == 1
    again = folder.run(sandbox, rows, retry="lost")["k0"]
    assert (again.status, again.idempotency_key) == ("succeeded", "k0~2")


def test_retry_that_was_interrupted_is_continued(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([FAILURE])
    rows = folder.keyed(1)
    folder.run(sandbox, rows)
    before = (folder.out / "results.jsonl").read_bytes()
    folder.run(sandbox, rows, retry="failed")
    (folder.out / "results.jsonl").write_bytes(before)  # as if the second run was killed
    assert folder.run(sandbox, rows)["k0"].status == "succeeded"
    assert len(sandbox.charges) == 2


def test_unknown_submission_is_not_sent_again(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([{"call": "createTask", "lose": True}])
    rows = folder.keyed(1)
    for _ in range(2):
        outcome = folder.run(sandbox, rows)["k0"]
        assert (outcome.status, outcome.credits) == ("unknown", 12)
    assert len(sandbox.charges) == 1
    with folder.client(sandbox) as kie:
        kie.attach("k0", sandbox.charges[0].task_id)
    assert folder.run(sandbox, rows)["k0"].status == "succeeded"


def test_failures_file_runs_the_failed_rows(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([FAILURE])
    outcomes = folder.run(sandbox, folder.keyed(4))
    failures = folder.out / "failures.csv"
    again = folder.run(sandbox, failures, retry="failed")
    assert list(again) == [key for key, one in outcomes.items() if one.status == "failed"]
    assert {one.status for one in again.values()} == {"succeeded"}
    assert not failures.exists()


def test_failures_file_is_written_as_its_input_was(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([FAILURE])
    rows = folder.keyed(1)
    rows.write_bytes(b"\xef\xbb\xbf" + rows.read_bytes().replace(b",", b";"))
    folder.run(sandbox, rows)
    given = rows.read_bytes().replace(b"in/", b"../in/")
    assert (folder.out / "failures.csv").read_bytes() == given


def test_failures_file_of_another_format_is_removed(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([FAILURE])
    folder.run(sandbox, folder.keyed(1))
    rows = folder.path / "rows.jsonl"
    rows.write_text(json.dumps(folder.row(key="k0", prompt="prompt 0")))
    sandbox.play([FAILURE])
    folder.run(sandbox, rows, retry="failed")
    assert [path.name for path in folder.out.glob("failures*")] == ["failures.jsonl"]


def test_failures_of_json_are_json(folder: Folder, sandbox: Hurried) -> None:
    folder.files.add("text.png", b"not a picture")
    rows = folder.path / "rows.jsonl"
    row = '{"prompt": "p", "image": "in/text.png", "mask": "in/mask.png", "reference": ["in/reference.png"]}'
    rows.write_text(row)
    (outcome,) = folder.run(sandbox, rows).values()
    assert outcome.reason.startswith("rows.jsonl:1: image: ")
    text = (folder.out / "failures.jsonl").read_text()
    assert f'"key": "{outcome.key}"' in text
    assert '"image": "../in/text.png"' in text
    assert sandbox.charges == []


def test_invalid_row_may_be_corrected_under_its_key(folder: Folder, sandbox: Hurried) -> None:
    folder.files.add("text.png", b"not a picture")
    assert folder.run(sandbox, folder.csv({"key": "a", "image": "in/text.png"}))["a"].status == "failed"
    assert folder.run(sandbox, folder.csv({"key": "a"}))["a"].status == "succeeded"


def test_row_may_be_a_mapping_with_content(folder: Folder, sandbox: Hurried) -> None:
    given = folder.files.given(image=folder.files.image.read_bytes(), reference=[folder.files.reference])
    outcomes = folder.run(sandbox, [given | {"key": 17}])
    assert outcomes["17"].status == "succeeded"
