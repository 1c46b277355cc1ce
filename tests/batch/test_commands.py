"""`batch run`, `batch status` and `batch report`: output, files, exit codes, Ctrl-C."""

import json
import os
import signal
import subprocess
import time
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import Kie
from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import run
from tests.batch.support import Folder
from tests.cli.conftest import PROCESS, Command, Done, environment
from tests.money.support import HURRIED, Hurried

FAILURE = {"call": "createTask", "fail": {"code": "422", "msg": "<b>refused</b>"}}


@pytest.fixture
def batch(
    sandbox: Hurried, folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `batch COMMAND` in this process. Its output folder is that of the test."""
    for name, value in environment(sandbox, folder.path, KIE_JOURNAL=str(folder.journal)).items():
        monkeypatch.setenv(name, value)

    def call(command: str, *arguments: object) -> Done:
        words = ["batch", command, *map(str, arguments), "-o", str(folder.out)]
        # Loading certificates would take longer than the rest of most tests.
        with httpx.Client(verify=False) as http:  # noqa: S501 # loopback has no TLS
            client = partial(Kie, http_client=http, _environment=HURRIED)
            with pytest.raises(SystemExit) as ended:
                run(package()._replace(client=client), words)
        captured = capsys.readouterr()
        return Done(ended.value.code, captured.out, captured.err)

    return call


def test_run_prints_a_summary_and_the_report(folder: Folder, batch: Command) -> None:
    done = batch("run", folder.keyed(3))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "3 succeeded; cost: 36 credits, about USD 0.18",
        str(folder.out / "report.html"),
    ]


def test_run_as_json_lists_the_outcomes(folder: Folder, batch: Command) -> None:
    found = json.loads(batch("run", folder.keyed(2), "--json").out)
    assert (found["succeeded"], found["left"], found["credits"]) == (2, 0, 24)
    assert {one["key"] for one in found["outcomes"]} == {"k0", "k1"}
    assert all(Path(path).exists() for one in found["outcomes"] for path in one["paths"])


@pytest.mark.parametrize(
    ("scenario", "options", "code", "message"),
    [
        ([FAILURE], [], 3, "failed: the task failed, 422: <b>refused</b>"),
        ([{"call": "createTask", "lose": True}], [], 5, "unknown: the task may exist"),
        ([{"call": "createTask", "code": 402, "times": 9}], [], 6, "stopped: "),
        ([], ["--max-cost", "0.06"], 11, "stopped: the next row does not fit in the budget"),
        ([{"call": "createTask", "code": 422, "times": 9}], ["--max-failures", "0"], 11, "0 are allowed"),
        ([], ["--set", "seed"], 2, "--set: expected NAME=VALUE"),
        ([], ["--max-cost", "0.01"], 2, "--max-cost: USD 0.01 is less than one row"),
    ],
    ids=["failed", "unknown", "no credits", "budget", "failures", "invalid default", "small budget"],
)  # fmt: skip
def test_exit_code_of_a_run(
    sandbox: Hurried,
    folder: Folder,
    batch: Command,
    scenario: list[dict[str, Any]],
    options: list[str],
    code: int,
    message: str,
) -> None:
    sandbox.play(scenario)
    done = batch("run", folder.keyed(3), *options)
    assert done.code == code
    assert message in done.err


def test_stopped_run_prints_how_to_continue(folder: Folder, batch: Command) -> None:
    rows = folder.keyed(3)
    done = batch("run", rows, "--max-cost", "0.06")
    line = next(line for line in done.err.splitlines() if line.startswith("to continue: "))
    assert line.startswith(
        f"to continue: kie-ideogram batch run {rows} --save-to {folder.out} --max-cost 0.06"
    )


def test_faults_are_printed_before_anything_is_sent(sandbox: Hurried, folder: Folder, batch: Command) -> None:
    done = batch("run", folder.csv({"key": "a"}, {"key": "a"}, {"key": "b", "image": "none.png"}))
    assert done.code == 2
    assert done.err.splitlines() == [
        "error: rows.csv:3: key: the string 'a' is also the key of rows.csv:2",
        "error: rows.csv:4: image: none.png: no such file",
    ]
    assert sandbox.calls == []


def test_dry_run_needs_no_key(
    sandbox: Hurried, folder: Folder, batch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIE_API_KEY")
    done = batch("run", folder.keyed(20), "--dry-run")
    assert (done.code, done.err, sandbox.calls) == (0, "", [])
    assert done.out.splitlines()[:2] == ["20 rows to run", "cost: 240 credits, about USD 1.20"]
    assert not folder.out.exists()


def test_dry_run_with_a_key_reads_the_balance(folder: Folder, batch: Command) -> None:
    assert "balance: 1e+06 credits" in batch("run", folder.keyed(2), "--dry-run").out


def test_dry_run_lists_faults_of_pictures(folder: Folder, batch: Command) -> None:
    folder.files.add("text.png", b"not a picture")
    done = batch("run", folder.csv({}, {"image": "in/text.png"}), "--dry-run")
    assert done.code == 2
    assert done.err.startswith("rows.csv:3: image: is ")


def test_dry_run_with_an_unreadable_row_costs_at_least_the_others(folder: Folder, batch: Command) -> None:
    done = batch("run", folder.csv({}, {"image": "none.png"}), "--dry-run")
    assert done.out.splitlines()[:2] == ["2 rows to run", "cost: at least 12 credits, about USD 0.06"]


def test_status_lists_what_did_not_succeed(sandbox: Hurried, folder: Folder, batch: Command) -> None:
    sandbox.play([FAILURE])
    batch("run", folder.keyed(3))
    done = batch("status")
    first, second, third = done.out.splitlines()
    assert first == "2 succeeded, 1 failed; cost: 36 credits, about USD 0.18"
    assert second.startswith("failed     k")
    assert third == f"failures: {folder.out / 'failures.csv'}"
    assert json.loads(batch("status", "--json").out)["failed"] == 1


@pytest.mark.parametrize("command", ["status", "report"])
def test_folder_without_a_batch_is_an_error(folder: Folder, batch: Command, command: str) -> None:
    done = batch(command)
    assert done.code == 2
    assert "is not the folder of a batch that has run" in done.err


class Page(HTMLParser):
    """The pictures, links and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_report_shows_results_and_reasons_without_outside_assets(
    sandbox: Hurried, folder: Folder, batch: Command
) -> None:
    sandbox.play([FAILURE])
    batch("run", folder.csv({"key": "<i>&", "prompt": "<script>"}, {"key": "b"}))
    assert batch("report").out.strip() == str(folder.out / "report.html")
    page = Page((folder.out / "report.html").read_text())
    assert "script" not in page.tags
    assert "i" not in page.tags
    assert "<script>" in page.texts
    assert any("<b>refused</b>" in text for text in page.texts)
    assert page.tags.count("img") == 1
    assert page.sources
    assert all((folder.out / httpx.URL(source).path).is_file() for source in page.sources)


@pytest.mark.parametrize(("number", "times"), [("SIGINT", 1), ("SIGINT", 2), ("SIGTERM", 1)])
def test_signal_drains_and_a_second_one_leaves(
    sandbox: Hurried, folder: Folder, number: str, times: int
) -> None:
    sandbox.play([{"call": "createTask", "slow": 0.2, "times": 100}])
    command = [*PROCESS, "batch", "run", str(folder.keyed(100)), "-o", str(folder.out)]
    variables = environment(sandbox, folder.path, KIE_JOURNAL=str(folder.journal))
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while not sandbox.charges:
            time.sleep(0.02)
        for sent in range(times):
            if sent:
                assert "Ctrl-C again leaves" in process.stderr.readline()
            os.kill(process.pid, signal.Signals[number])
        rest = process.stderr.read()
        assert process.wait(30) == 130, rest
    assert "Traceback" not in rest
    submitted = len(sandbox.charges)
    assert submitted < 100
    if times == 1:
        assert {row["status"] for row in folder.results()} == {"succeeded"}
        assert len(folder.results()) == submitted
    with folder.client(sandbox) as kie:
        assert kie.unknown() == []
        assert bool(kie.resume()) == (times == 2)  # what it left
