"""The world of one mutant: its spec, the package made from it, and the tests that should fail.

Each mutant has a separate process, forked from one that has loaded everything but the package.
"""

import contextlib
import copy
import gc
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from httpx._transports import default

from generator.contract.lint import lint
from generator.contract.load import Document
from generator.contract.lower_package import lower
from generator.contract.source import ARAZZO, OPENAPI, Source
from generator.diagnostics import InputError, Location
from generator.emit import package as emit
from generator.emit.models import typed_models
from generator.replay import recordings
from generator.replay.check import check_recordings

ROOT = Path(__file__).parents[2]

# The fastest first, which also notice most. What the sandbox alone works from, its own notice.
SUITES = ("tests/contract", "tests/client", "tests/sandbox")

# These start commands of the real repository, draw their cases by chance, or are about Python's side alone.
ELSEWHERE = (
    "test_pages.py",
    "test_cli.py",
    "test_demo.py",
    "test_conformance.py",
    "test_page.py",
    "test_package.py",
)

# Plugins that a trial has no use for.
PLUGINS = ("randomly", "xdist", "cacheprovider", "schemathesis", "hypothesispytest", "kie_ideogram")

# Loaded once, before the first trial: all that the tests import but the package under test.
LIBRARIES = (
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFilter",
    "hypothesis",
    "pytest_httpx",
    "python_multipart",
    "starlette.applications",
    "typer",
    "uvicorn",
)

# A broken schedule may never end. Seconds of the machine's time for one mutant.
LIMIT = 300

LINT, RECORDINGS, GENERATOR, ENDLESS, BROKEN = "lint", "recordings", "generator", "no end", "broken: "


class Verdict(NamedTuple):
    """What noticed a mutant; empty when nothing did. `seconds` is what it took."""

    killer: str
    seconds: float


class Base:
    """What all mutants share: the committed documents, and the models that most of them leave unchanged."""

    def __init__(self, source: Source) -> None:
        self.openapi, self.arazzo = source.openapi, source.arazzo
        self._typed_models = typed_models(source.openapi)
        self._seen = _of_models(source.openapi.data)
        for name in LIBRARIES:
            import_module(name)
        # Certificates are read for each client, half of what a test costs; no test gets to use them.
        default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]  # httpx's own name
        default.create_ssl_context()  # type: ignore[attr-defined]  # as above
        # Compiles the templates. Objects that exist now are never garbage, so the trials need not scan them.
        _package(self, self.openapi, self.arazzo)
        gc.freeze()

    def typed_models(self, openapi: Document) -> Any:
        """The models of a document; made anew only where a change could show in them."""
        return self._typed_models if _of_models(openapi.data) == self._seen else typed_models(openapi)


def _of_models(node: Any) -> Any:
    """What the models are made from: not our extensions, nor the limits that they do not know."""
    unseen = ("description", "maxLength", "minLength", "minItems", "pattern")
    if isinstance(node, dict):
        return {
            key: _of_models(value)
            for key, value in node.items()
            if key == "x-enum-varnames" or not (key.startswith("x-") or key in unseen)
        }
    return [_of_models(item) for item in node] if isinstance(node, list) else node


class Judging:
    """One mutant that is tested in a separate process. `result` waits for it and returns what detected it."""

    def __init__(self, judge: Callable[[], str]) -> None:
        self._started = time.monotonic()
        self._reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._reader)
            try:
                signal.alarm(LIMIT)
                killer = judge()
            except BaseException:
                killer = BROKEN + traceback.format_exc()
            finally:
                os.write(writer, killer.encode()[:60_000])
                os._exit(0)
        os.close(writer)

    def fileno(self) -> int:
        """Becomes readable when the process is done."""
        return self._reader

    def result(self) -> Verdict:
        """Wait for the end of it."""
        with os.fdopen(self._reader, "rb") as pipe:
            killer = pipe.read().decode()
        _, status = os.waitpid(self._pid, 0)
        if os.WIFSIGNALED(status):
            killer = ENDLESS
        if killer.startswith(BROKEN):
            raise RuntimeError(f"the trial itself failed: {killer}")
        return Verdict(killer, round(time.monotonic() - self._started, 2))


def judge_spec(base: Base, openapi: Document, arazzo: Document, killers: list[str]) -> str:
    """Name what notices that the documents are wrong; nothing when nothing does."""
    if lint(openapi, arazzo):
        return LINT
    try:
        check_recordings(ROOT / "spec" / "recordings", openapi)
    except InputError:
        return RECORDINGS
    try:
        files = _package(base, openapi, arazzo)
    except InputError:
        return GENERATOR
    with TemporaryDirectory(prefix="mutant-") as directory:
        world = Path(directory)
        _build(world, files, openapi, arazzo)
        return run_tests(world, killers)


def judge_recording(openapi: Document, name: str, text: str, killers: list[str]) -> str:
    """Name what notices that a recording is wrong; nothing when nothing does."""
    with TemporaryDirectory(prefix="mutant-") as directory:
        world = Path(directory)
        target = world / "checked" / f"{name}.har"
        target.parent.mkdir(parents=True)
        target.write_text(text, encoding="utf-8")
        try:
            # Finding the position of a fault takes longer than finding the fault.
            with patch.object(recordings, "_locate", lambda text, path, at: Location(path)):
                check_recordings(world / "checked", openapi)
        except InputError:
            return RECORDINGS
        shutil.copytree(ROOT / "spec", world / "spec")
        shutil.copy(target, world / "spec" / "recordings" / f"{name}.har")
        (world / "generated").symlink_to(ROOT / "generated")
        _link_tests(world)
        return run_tests(world, killers, only=name)


def _package(base: Base, openapi: Document, arazzo: Document) -> dict[str, str]:
    """The package without its formatting, which no test can see."""
    with patch.multiple(emit, typed_models=base.typed_models, _formatted=copy.copy):
        return emit.package(lower(openapi, arazzo), openapi, arazzo)


def _build(world: Path, files: dict[str, str], openapi: Document, arazzo: Document) -> None:
    for path, text in files.items():
        if "/_runtime/" not in path:
            target = world / "generated" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    (world / "generated" / emit.PACKAGE / "_runtime").symlink_to(emit.RUNTIME)
    (world / "spec").mkdir()
    (world / "spec" / OPENAPI).write_text(openapi.text, encoding="utf-8")
    (world / "spec" / ARAZZO).write_text(arazzo.text, encoding="utf-8")
    (world / "spec" / "recordings").symlink_to(ROOT / "spec" / "recordings")
    _link_tests(world)


def _link_tests(world: Path) -> None:
    """Have the repository's contract tests in a world, with their settings."""
    for suite in SUITES:
        (world / suite).parent.mkdir(exist_ok=True)
        (world / suite).symlink_to(ROOT / suite)
    (world / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")


class _First:
    """Puts the tests that noticed most so far first, and remembers the one that fails."""

    def __init__(self, killers: list[str], keep: Callable[[str], bool]) -> None:
        self._rank = {name: rank for rank, name in enumerate(killers)}
        self._keep = keep
        self.killer = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._keep(item.nodeid)]
        # A stable sort: unknown ones stay in their order, behind.
        items.sort(key=lambda item: self._rank.get(item.nodeid, len(self._rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.killer:
            self.killer = f"{report.nodeid} cannot be loaded"


def run_tests(world: Path, killers: list[str], only: str = "") -> str:
    """Run the contract tests of a world up to the first that fails; return its name, or nothing."""
    os.chdir(world)
    sys.path[:0] = [str(world), str(world / "generated")]
    for file in _files(world, killers):
        # The blocking client alone: both are made from the same contract.
        first = _First(killers, lambda name: "async" not in name and only in name)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                code = pytest.main(
                    [
                        "--exitfirst",
                        "--quiet",
                        "--assert=plain",
                        f"--basetemp={world / 'tmp'}",
                        f"--rootdir={world}",
                        *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
                        *(part for name in PLUGINS for part in ("-p", f"no:{name}")),
                        file,
                    ],
                    plugins=[first],
                )
        if first.killer:
            return first.killer
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return f"{file}: pytest exit code {code}"
    return ""


def _files(world: Path, killers: list[str]) -> list[str]:
    """The test files, those first that noticed most so far: loading one costs more than most of its tests."""
    found = [
        f"{suite}/{path.name}"
        for suite in SUITES
        for path in sorted((world / suite).glob("test_*.py"))
        if path.name not in ELSEWHERE
    ]
    ranks = [killer.partition("::")[0] for killer in killers]
    return sorted(found, key=lambda file: ranks.index(file) if file in ranks else len(ranks))
