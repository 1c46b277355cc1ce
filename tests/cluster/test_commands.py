"""`batch run|work|status|report --database`, and recovery from the command line."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import psycopg
import pytest

from kie_ideogram._runtime.cluster.storage.database import SCHEMA
from kie_ideogram.cluster import Cluster
from tests.batch.conftest import folder
from tests.batch.support import Folder
from tests.cli.conftest import Done, environment
from tests.cluster.support import run_command
from tests.money.support import Hurried, charged, task_of

__all__ = ["folder"]

Call = Callable[..., Done]

# It has no type hints.
FSSPEC: Any = import_module("fsspec")


@pytest.fixture
def command(
    dsn: str,
    sandbox: Hurried,
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Run a command in this process, with the database of the test unless `--database` is given."""
    given = environment(sandbox, folder.path, KIE_JOURNAL=str(folder.journal), KIE_DATABASE=dsn)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    def call(*words: object) -> Done:
        code, captured = run_command(words), capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


def test_run_submits_works_and_reports(folder: Folder, command: Call, sandbox: Hurried) -> None:
    done = command("batch", "run", folder.keyed(3), "-o", folder.out)
    assert (done.code, done.err) == (0, "batch rows: 3 rows queued, 0 ended before\n")
    assert done.out.splitlines() == [
        "3 succeeded; cost: 36 credits, about USD 0.18",
        str(folder.out / "rows" / "report.html"),
    ]
    assert len(list(folder.out.glob("rows/k*/*.png"))) == 3
    again = command("batch", "run", folder.path / "rows.csv", "-o", folder.out)
    assert again.err == "batch rows: 0 rows queued, 3 ended before\n"
    assert again.out.splitlines()[1] == "3 rows ended before"
    assert len(sandbox.charges) == 3


def test_status_lists_all_batches_or_one(folder: Folder, command: Call, sandbox: Hurried) -> None:
    sandbox.fail_next(msg="too dark")
    done = command("batch", "run", folder.keyed(2), "-o", folder.out, "--batch", "first")
    assert done.code == 3
    assert re.fullmatch(r"k\d: failed: .*too dark.*", done.err.splitlines()[1])
    assert command("batch", "status").out.startswith("first: 1 succeeded, 1 failed; cost: ")
    found = json.loads(command("batch", "status", "--batch", "first", "--json").out)
    assert (found["succeeded"], found["failed"], len(found["rows"])) == (1, 1, 2)


def test_failed_rows_are_written_as_their_file_was(folder: Folder, command: Call, sandbox: Hurried) -> None:
    rows = folder.keyed(1)
    rows.write_text(rows.read_text().replace(",", ";"))
    failures = folder.out / "rows" / "failures.csv"
    sandbox.fail_next()
    done = command("batch", "run", rows, "-o", folder.out)
    assert f"failures: {failures}" in done.out.splitlines()
    written = failures.read_text()
    assert written == rows.read_text().replace("in/", "../../in/")
    failures.unlink()
    assert "failures" not in command("batch", "status", "--batch", "rows", "-o", folder.out).out
    command("batch", "report", "--batch", "rows", "-o", folder.out)
    assert failures.read_text() == written
    again = command("batch", "run", failures, "--batch", "rows", "-o", folder.out, "--retry", "failed")
    assert again.code == 0
    assert not failures.exists()


def test_failed_rows_of_an_object_store_are_written_there(
    folder: Folder, command: Call, sandbox: Hurried
) -> None:
    store = f"memory://failures-{folder.path.name}/out"
    sandbox.fail_next()
    command("batch", "run", folder.keyed(1), "-o", store)
    bucket, path = FSSPEC.filesystem("memory"), f"{store.removeprefix('memory:/')}/rows/failures.csv"
    assert str(folder.path / "in" / "image.png") in bucket.cat_file(path).decode()
    command("batch", "run", folder.path / "rows.csv", "-o", store, "--retry", "failed")
    assert not bucket.exists(path)


def test_failed_rows_of_a_csv_and_a_json_file_are_json(
    dsn: str, folder: Folder, command: Call, sandbox: Hurried
) -> None:
    lines = folder.path / "more.jsonl"
    lines.write_text(json.dumps(folder.row(key="m0", prompt="more")))
    with Cluster(dsn, base_url=sandbox.url, upload_base_url=sandbox.url) as submitting:
        submitting.submit(folder.keyed(1), batch="both")
        submitting.submit(lines, batch="both")
    for _ in range(2):
        sandbox.fail_next()
    command("batch", "work", "--batch", "both", "-o", folder.out)
    command("batch", "report", "--batch", "both", "-o", folder.out)
    written = (folder.out / "both" / "failures.jsonl").read_text().splitlines()
    assert {json.loads(line)["key"] for line in written} == {"k0", "m0"}


def test_a_second_run_reports_its_own_rows(folder: Folder, command: Call, sandbox: Hurried) -> None:
    first = command("batch", "run", folder.keyed(3), "-o", folder.out, "--limit", "2")
    assert first.out.splitlines()[:2] == [
        "2 succeeded; cost: 24 credits, about USD 0.12",
        "1 rows are left",
    ]
    assert "to continue: " in first.err
    second = command("batch", "run", folder.path / "rows.csv", "-o", folder.out)
    assert (first.code, second.code) == (0, 0)
    assert second.out.splitlines()[:2] == [
        "1 succeeded; cost: 12 credits, about USD 0.06",
        "2 rows ended before",
    ]


def test_report_shows_a_batch(folder: Folder, command: Call) -> None:
    command("batch", "run", folder.keyed(1), "-o", folder.out)
    page = folder.out / "rows" / "report.html"
    page.unlink()
    assert command("batch", "report", "--batch", "rows", "-o", folder.out).out == f"{page}\n"
    assert "k0" in page.read_text()


def test_delete_removes_a_batch(folder: Folder, command: Call) -> None:
    command("batch", "run", folder.keyed(2), "-o", folder.out)
    assert command("batch", "delete", "rows").out == "deleted: 2 rows, 3 pictures\n"
    assert command("batch", "status").out == "no batch\n"


def test_work_ends_with_a_batch(dsn: str, sandbox: Hurried, folder: Folder, command: Call) -> None:
    with Cluster(dsn, base_url=sandbox.url, upload_base_url=sandbox.url) as submitting:
        submitting.submit(folder.keyed(2), batch="night")
    assert command("batch", "work", "--batch", "night", "-o", folder.out).code == 0
    assert charged(sandbox) == {"prompt 0": 1, "prompt 1": 1}


def test_budget_ends_the_run_with_what_is_left(folder: Folder, command: Call) -> None:
    done = command("batch", "run", folder.keyed(3), "-o", folder.out, "--max-cost", "0.06")
    assert done.code == 11
    assert "2 rows are left" in done.out
    assert "stopped: the next row does not fit in the budget" in done.err


def test_accounts_have_budgets(folder: Folder, command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOND", "kie-test-key-0123456789")
    done = command("batch", "run", folder.keyed(3), "-o", folder.out, "--account", "two=SECOND:0.13")
    assert done.code == 11
    assert "1 rows are left" in done.out


def test_results_are_saved_in_an_object_store(folder: Folder, command: Call, sandbox: Hurried) -> None:
    store = f"memory://bucket-{folder.path.name}/out"
    done = command("batch", "run", folder.keyed(2), "-o", store)
    assert (done.code, done.out.splitlines()[1]) == (0, f"{store}/rows/report.html")
    bucket = FSSPEC.filesystem("memory")
    files = [name.partition("/rows/")[2] for name in bucket.find(store.removeprefix("memory:/"))]
    names = sorted(re.sub(r"[0-9a-f]{32}", "TASK", name) for name in files)
    assert names == ["k0/TASK-1.png", "k0/TASK.json", "k1/TASK-1.png", "k1/TASK.json", "report.html"]
    page = bucket.cat_file(f"{store.removeprefix('memory:/')}/rows/report.html").decode()
    assert all(f'src="{name}"' in page for name in files if name.endswith(".png"))


def test_a_result_that_cannot_be_stored_is_tried_again(
    folder: Folder, command: Call, sandbox: Hurried
) -> None:
    failures = iter([OSError("the bucket is full")])

    class Full(FSSPEC.get_filesystem_class("memory")):  # type: ignore[misc] # fsspec has no type hints
        protocol = "full"

        def put_file(self, *arguments: Any, **options: Any) -> None:
            for error in failures:
                raise error
            super().put_file(*arguments, **options)

    FSSPEC.register_implementation("full", Full, clobber=True)
    done = command("batch", "run", folder.keyed(1), "-o", f"full://{folder.path.name}/out")
    assert done.code == 0
    assert "the bucket is full" in done.err
    assert len(sandbox.charges) == 1


def test_unknown_rows_are_listed_and_attached(folder: Folder, command: Call, sandbox: Hurried) -> None:
    sandbox.faults.kinds, sandbox.faults.share = ["answer lost"], 1
    rows = folder.keyed(1)
    done = command("batch", "run", rows, "-o", folder.out)
    assert done.code == 5
    assert command("unknown").out.startswith("rows/k0  sent ")
    assert command("attach", "rows/k0", task_of(sandbox)["prompt 0"]).code == 0
    assert command("batch", "run", rows, "-o", folder.out).code == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run", "rows.csv", "--database", "postgresql://me:secret@127.0.0.1:1/x"], 10,
         r"the database x at 127.0.0.1:1 cannot be used .*Connection refused.*Check that PostgreSQL runs"),
        (["run", "rows.csv", "--database", "postgres//secret"], 1, "--database: is not a PostgreSQL URL"),
        (["run", "rows.csv", "--max-cost", "0.01"], 2, r"--max-cost: USD 0.01 is less than one row"),
        (["run", "-"], 2, "--batch: name the batch"),
        (["run", "rows.csv", "--batch", "a/b"], 2, "--batch: must be a name of 1 to 60 characters"),
        (["run", "rows.csv", "--account", "two"], 2, "--account: expected NAME=VARIABLE"),
        (["run", "rows.csv", "--account", "two=UNSET"], 2, "variable UNSET is not set"),
        (["run", "none.csv"], 2, "none.csv: No such file"),
        (["work", "--batch", "none"], 2, "--batch: the database has no batch 'none'; it has none yet"),
        (["status", "--batch", "none"], 2, "--batch: the database has no batch 'none'"),
        (["report"], 2, "--batch: name the batch"),
        (["delete", "none"], 2, "the database has no batch 'none'"),
        (["run", "rows.csv", "-o", "nosuch://bucket"], 1, "--save-to: nosuch://bucket cannot be used"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_error(
    folder: Folder,
    command: Call,
    sandbox: Hurried,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
    message: str,
) -> None:
    folder.keyed(2)
    monkeypatch.chdir(folder.path)
    done = command("batch", *words)
    assert done.code == code
    assert re.search(message, done.err.replace("\n", " "))
    assert "secret" not in done.err
    assert "Traceback" not in done.err
    assert sandbox.charges == []


DATABASES: dict[str, tuple[str, str]] = {
    "without tables": ("DROP SCHEMA {} CASCADE", "does not have the tables of this package"),
    "of another project": ("UPDATE {}.about SET application = 7", "belongs to another project"),
    "of an older version": ("UPDATE {}.about SET version = 1", r"older version.*call install\(\)"),
    "of a newer version": ("UPDATE {}.about SET version = 99", "newer version.*upgrade this machine"),
}


@pytest.mark.parametrize("database", DATABASES)
def test_unsuitable_database_is_not_used(dsn: str, command: Call, database: str) -> None:
    change, message = DATABASES[database]
    with psycopg.connect(dsn) as db:
        db.execute(change.format(SCHEMA).encode())
    done = command("batch", "work")
    assert done.code == 10
    assert re.search(message, done.err.replace("\n", " "))


def test_run_adds_what_the_tables_of_an_older_version_lack(dsn: str, folder: Folder, command: Call) -> None:
    with psycopg.connect(dsn, options=f"-c search_path={SCHEMA}") as db:
        db.execute("UPDATE about SET version = 1")
        db.execute("ALTER TABLE batches DROP COLUMN layout; ALTER TABLE rows DROP COLUMN given")
    assert command("batch", "run", folder.keyed(1), "-o", folder.out).code == 0


def test_options_of_a_database_need_one(
    folder: Folder, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIE_DATABASE")
    assert "add --database" in command("batch", "run", folder.keyed(1), "--batch", "x").err
    assert "--account: needs --database" in command("batch", "run", "rows.csv", "--account", "a=B").err
    assert "--database: is missing" in command("batch", "work").err
