"""The pages in `docs/`: their code runs as written, and their tables agree with the contract."""

import logging
import re
import tomllib
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from kie_ideogram import Kie, errors
from kie_ideogram.__main__ import package
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.deadline import LAST_READ
from kie_ideogram._runtime.journal.sqlite.database import LOCK_TIMEOUT
from kie_ideogram.client import _RESOURCES
from tests.documents import ROOT, blocks, runner, text

LOST = [{"call": "createTask", "lose": True}]


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    """Restore the log level that a page sets."""
    logger = logging.getLogger("kie_ideogram")
    before = logger.level
    yield
    logger.setLevel(before)


def test_production_page_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        sandbox.play([{"call": "createTask"}, *LOST])
        for code in blocks("docs/production.md"):
            run(code)
        # One edit, one whose reply was lost and that is sent again, and two of a series.
        assert len(sandbox.charges) == 1 + 2 + 2
        tasks = {charge.task_id for charge in sandbox.charges}
    output = capsys.readouterr().out
    assert re.search(r"^order-18 .* 0.09 USD$", output, re.MULTILINE)
    assert "success 200" in output
    saved = {path.stem.rpartition("-")[0] for path in (tmp_path / "out").glob("*.png")}
    assert len(saved) == 3
    assert saved < tasks


def test_first_production_block_run_twice_charges_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = blocks("docs/production.md")[0]
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        for _ in range(2):
            run(f"{code}\nkie.close()")
        assert len(sandbox.charges) == 1
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".png"]


def test_pictures_page_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        for number, code in enumerate(blocks("docs/pictures.md")):
            run(code)
            # The first two blocks are a refused input and a dry run.
            assert len(sandbox.charges) == max(0, number - 1)
    output = capsys.readouterr().out
    assert "mask readable notes.txt" in output
    assert "urn:sha256:" in output
    assert len(list((tmp_path / "out").glob("*.png"))) == 3


def test_batches_page_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (rows,) = re.findall(r"```text\n(.*?)```", text("docs/batches.md"), re.DOTALL)
    (tmp_path / "rows.csv").write_text(rows)
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        for code in blocks("docs/batches.md"):
            run(code)
        assert len(sandbox.charges) == 2
    output = capsys.readouterr().out
    assert output.startswith("2 rows, 0.12 USD\n")
    assert "anna succeeded" in output
    assert "ben succeeded" in output


def test_models_page_names_each_model_with_its_command() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text("docs/guide/models.md"), re.MULTILINE)
    commands = {
        entry.name.replace("-", "_"): command
        for command, models in package().commands.items()
        for entry in models.values()
    }
    assert dict(rows) == commands
    assert len(rows) == len(commands)


def test_price_table_is_the_price_list() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `([A-Z]+)`.*?\| ([\d.]+) \| USD ([\d.]+) \|$", text("docs/pictures.md"), re.MULTILINE
    )
    assert CONTRACT.credit_price
    each, _ = CONTRACT.credit_price
    prices = {
        (model.resource, name): number
        for model in CONTRACT.models.values()
        if model.price and isinstance(model.price.credits, dict)
        for name, number in model.price.credits.items()
    }
    assert {(model, name): float(number) for model, name, number, _ in rows} == prices
    assert all(float(usd) == pytest.approx(float(number) * each) for _, _, number, usd in rows)


@pytest.mark.parametrize(
    ("scenario", "printed"),
    [
        ([], "[PosixPath("),
        (LOST, "a task may exist and may have been charged: "),
        (
            [{"call": "createTask", "fail": {"code": "422", "msg": "No face."}}],
            "the task failed: 422 No face.",
        ),
        ([{"call": "createTask", "code": 402}], "no task was created code 402"),
    ],
    ids=["success", "lost-reply", "failed-task", "refused"],
)
def test_errors_page_example_reports(
    scenario: list[dict[str, Any]],
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (code,) = blocks("docs/errors.md")
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        sandbox.play(scenario)
        run(code)
    assert capsys.readouterr().out.startswith(printed)


def test_errors_page_example_reports_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks("docs/errors.md")
    with runner(tmp_path, monkeypatch) as (_, run):
        (tmp_path / "mask.png").unlink()
        run(code)
    assert capsys.readouterr().out.startswith("fix the input: mask: ")


def test_errors_page_names_every_exception_and_no_other() -> None:
    named = set(re.findall(r"`(?:errors\.)?(\w+Error)`", text("docs/errors.md")))
    assert named == {name for name in errors.__all__ if name.endswith("Error")}


def test_code_table_agrees_with_the_contract() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (\w+) \| (\w+) \|$", text("docs/errors.md"), re.MULTILINE)
    assert {(int(code), kind, create, charged) for code, kind, create, charged in rows} == {
        (code, errors.BY_CODE[code].__name__, entry.create, _charged(code))
        for code, entry in CONTRACT.codes.items()
        if entry.create != "accepted"
    }


def _charged(code: int) -> str:
    found = re.search(r"Charged: (\w+)\.", errors.BY_CODE[code].__doc__ or "")
    assert found
    return found[1]


def test_pages_name_only_exceptions_that_exist() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        named = set(re.findall(r"`(?:errors\.)?(\w+Error)`", path.read_text(encoding="utf-8")))
        assert named <= set(errors.__all__), path.name


def test_production_page_lists_every_extra() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    table = text("docs/production.md").partition("## Extras\n")[2]
    assert set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)) == set(project["optional-dependencies"])


def test_production_page_names_commands_that_exist() -> None:
    named = set(re.findall(r"`kie-ideogram ([a-z-]+)", text("docs/production.md")))
    existing = set(re.findall(r"^## `([a-z-]+)`", text("docs/cli.md"), re.MULTILINE))
    assert named
    assert named <= existing


def test_glossary_explains_each_term_once_in_alphabetical_order() -> None:
    page = text("docs/glossary.md")
    for section in page.split("\nTerms of ")[1:]:
        terms = re.findall(r"^- \*\*(.+?)\*\*: ", section, re.MULTILINE)
        assert len(terms) > 10
        assert terms == sorted(set(terms))


def test_contributing_names_paths_and_commands_that_exist() -> None:
    page = text("CONTRIBUTING.md")
    paths = re.findall(r"`((?:docs|generated|generator|requirements|spec|tests)/[\w./-]*)`", page)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    commands = set(re.findall(r"python -m generator ([a-z-]+)", page))
    listed = set(re.findall(r"^python -m generator (\S+)", text("generator/README.md"), re.MULTILINE))
    assert commands
    assert commands <= listed
    targets = set(re.findall(r"`make ([a-z-]+)", page))
    assert targets <= set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))


TIME_LIMIT = re.compile(r"^\| (`(?:kie|task)\.[^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def public_calls() -> dict[str, bool]:
    """Every public call of a client, its resources and its tasks, and whether it takes `timeout`."""
    with Kie("key") as kie:
        task = kie._context.make_task("id", {}, None)
        resources = {f"kie.{name}": getattr(kie, name) for name in _RESOURCES}
        models = {model.resource for model in CONTRACT.models.values()}
        found: dict[str, bool] = {}
        for owner, value in {"kie": kie, "task": task, **resources}.items():
            for name in dir(value):
                if not name.startswith("_") and isinstance(getattr(type(value), name, None), FunctionType):
                    shown = "kie.MODEL" if owner.removeprefix("kie.") in models else owner
                    takes = "timeout" in signature(getattr(value, name)).parameters
                    assert found.setdefault(f"{shown}.{name}", takes) is takes
        return found


def test_time_limits_name_every_call() -> None:
    rows = TIME_LIMIT.findall(text("docs/guide/waiting.md"))
    listed = {
        call: not limit.startswith("has none")
        for calls, limit, _ in rows
        for call in re.findall(r"`(\S+)`", calls)
    }
    assert listed == public_calls()
    assert sum(len(re.findall("`", calls)) // 2 for calls, _, _ in rows) == len(listed)


def test_time_limits_agree_with_the_contract() -> None:
    page = text("docs/guide/waiting.md")
    minutes = CONTRACT.workflow.wait.deadline / 60
    waits = {"kie.MODEL.run", "kie.tasks.wait", "task.wait", "task.updates", "kie.tasks.settled"}
    for calls, _, default in TIME_LIMIT.findall(page):
        named = set(re.findall(r"`(\S+)`", calls))
        assert default.startswith(f"{minutes:g} minutes" if named & waits else "no limit"), calls
        assert named <= waits or not named & waits
    attempts, total = CONTRACT.retry.attempts, CONTRACT.timeouts.total / 60
    assert f"{attempts} attempts of at most {total:g} minutes each" in page
    assert f"up to {LOCK_TIMEOUT:g} seconds for a lock" in page
    assert LAST_READ == 1
