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
from generator.contract.lower.package import lower
from generator.contract.source import ARAZZO, OPENAPI, Source
from generator.diagnostics import InputError, Location
from generator.emit import package as emit
from generator.emit.models import typed_models
from generator.replay import recordings
from generator.replay.check import check_recordings

ROOT = Path(__file__).parents[2]

# The fastest first, which also kill the most. Only tests/sandbox covers what only the sandbox uses.
SUITES = ("tests/contract", "tests/client", "tests/sandbox")

# These run commands of the real repository, choose random cases, or do not depend on the contract.
EXCLUDED = (
    "test_pages.py",
    "test_cli.py",
    "test_demo.py",
    "test_conformance.py",
    "test_page.py",
    "test_package.py",
    "test_transport.py",
    "test_transport_asyncio.py",
)

# Plugins that a trial does not need.
PLUGINS = ("randomly", "xdist", "cacheprovider", "schemathesis", "hypothesispytest", "kie_ideogram")

# Loaded once, before the first trial: everything that the tests import but the package under test.
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

# Seconds for one mutant, because a wrong schedule may never end.
LIMIT = 300

LINT, RECORDINGS, GENERATOR, ENDLESS, BROKEN = "lint", "recordings", "generator", "no end", "broken: "


class Verdict(NamedTuple):
    """What killed a mutant, or an empty string, and the seconds that it took."""

    killer: str
    seconds: float


class Base:
    """What all mutants share: the committed documents, and the models that most of them leave unchanged."""

    def __init__(self, source: Source) -> None:
        self.openapi, self.arazzo = source.openapi, source.arazzo
        self._typed_models = typed_models(source.openapi)
        self._models_input = _of_models(source.openapi.data)
        for name in LIBRARIES:
            import_module(name)
        # Loading certificates for each client takes half the time of a test. No test uses them.
        default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]  # httpx's own name
        default.create_ssl_context()  # type: ignore[attr-defined]  # as above
        # Compiles the templates. Objects that exist now are never garbage, so the trials need not scan them.
        _package(self, self.openapi, self.arazzo)
        gc.freeze()

    def typed_models(self, openapi: Document) -> Any:
        """Return the models of a document, generated again only if a change can affect them."""
        return self._typed_models if _of_models(openapi.data) == self._models_input else typed_models(openapi)


def _of_models(node: Any) -> Any:
    """Return what the models depend on: neither extensions nor limits."""
    unused = ("description", "maxLength", "minLength", "minItems", "pattern")
    if isinstance(node, dict):
        return {
            key: _of_models(value)
            for key, value in node.items()
            if key == "x-enum-varnames" or not (key.startswith("x-") or key in unused)
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
            killer = BROKEN
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
        """Return the descriptor that becomes readable when the process has ended."""
        return self._reader

    def result(self) -> Verdict:
        """Wait for the process and return its verdict."""
        with os.fdopen(self._reader, "rb") as pipe:
            killer = pipe.read().decode()
        _, status = os.waitpid(self._pid, 0)
        if os.WIFSIGNALED(status):
            killer = ENDLESS
        if killer.startswith(BROKEN):
            raise RuntimeError(f"the trial itself failed: {killer}")
        return Verdict(killer, round(time.monotonic() - self._started, 2))


def judge_spec(base: Base, openapi: Document, arazzo: Document, killers: list[str]) -> str:
    """Return what detects the wrong documents, or an empty string."""
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
    """Return what detects the wrong recording, or an empty string."""
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
    """Return the package, unformatted because no test depends on its formatting."""
    with patch.multiple(emit, typed_models=base.typed_models, _formatted=copy.copy):
        return emit.package(lower(openapi, arazzo), openapi, arazzo)


def _build(world: Path, files: dict[str, str], openapi: Document, arazzo: Document) -> None:
    for path, text in files.items():
        target = world / "generated" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        copied = emit.RUNTIME / path.partition("/_runtime/")[2]
        if "/_runtime/" in path and copied.read_text(encoding="utf-8") == text:
            target.symlink_to(copied)
        else:
            target.write_text(text, encoding="utf-8")
    (world / "spec").mkdir()
    (world / "spec" / OPENAPI).write_text(openapi.text, encoding="utf-8")
    (world / "spec" / ARAZZO).write_text(arazzo.text, encoding="utf-8")
    (world / "spec" / "recordings").symlink_to(ROOT / "spec" / "recordings")
    _link_tests(world)


def _link_tests(world: Path) -> None:
    """Link the contract tests of the repository and their settings into a folder."""
    for suite in SUITES:
        (world / suite).parent.mkdir(exist_ok=True)
        (world / suite).symlink_to(ROOT / suite)
    (world / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")


class _KillersFirst:
    """Runs the tests that killed the most mutants first, and stores the one that fails."""

    def __init__(self, killers: list[str], keep: Callable[[str], bool]) -> None:
        self._rank = {name: rank for rank, name in enumerate(killers)}
        self._keep = keep
        self.killer = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._keep(item.nodeid)]
        # The sort is stable: other tests follow in their order.
        items.sort(key=lambda item: self._rank.get(item.nodeid, len(self._rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.killer:
            self.killer = f"{report.nodeid} cannot be loaded"


def run_tests(world: Path, killers: list[str], only: str = "") -> str:
    """Run the contract tests in a folder until one fails. Return its name or an empty string."""
    os.chdir(world)
    sys.path[:0] = [str(world), str(world / "generated")]
    for file in _files(world, killers):
        # Only the blocking client, because both are made from the same contract.
        first = _KillersFirst(killers, lambda name: "async" not in name and only in name)
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
                        *("-p", "kie_ideogram.pytest_plugin"),  # of the mutant's package
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
    """Return the test files, those with the most kills first: loading takes longer than most tests."""
    found = [
        f"{suite}/{path.name}"
        for suite in SUITES
        for path in sorted((world / suite).glob("test_*.py"))
        if path.name not in EXCLUDED
    ]
    ranks = [killer.partition("::")[0] for killer in killers]
    return sorted(found, key=lambda file: ranks.index(file) if file in ranks else len(ranks))
