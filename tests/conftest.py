"""Collect which constraints of the contract the tests cover, and report those that none covers."""

import gc
import os
import signal
import ssl
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest

from generator.__main__ import SHOWING, SHOWN, SPEC
from generator.contract.source import read_spec
from generator.replay.check import check_recordings
from generator.replay.coverage import (
    Coverage,
    constraint,
    cover,
    digest,
    holes,
    reasons,
    summary,
    table,
    write_shown,
)
from kie_ideogram._contract import CONTRACT
from kie_ideogram.errors import Fault, InvalidInputError

# What a caller's argument is called in the spec.
WIRE = {
    argument.name: argument.path[0]
    for operation in CONTRACT.operations.values()
    for argument in operation.arguments
}

# The tests that count as coverage. A run without some of them does not report coverage.
SUITE = "tests/client/"
SHOWS = "shows"

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

# Options of pytest that leave tests out.
LESS = ("keyword", "markexpr", "collectonly", "deselect", "ignore", "ignore_glob", "lf")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Record each constraint for which the client refused a value during the test."""
    if not item.nodeid.startswith(SUITE):
        return (yield)
    raised: set[str] = set()
    original = InvalidInputError.__init__
    # A test of another model than the first has it as the parameter `model`.
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    resource = CONTRACT.models[parameters.get("model", next(iter(CONTRACT.models)))].resource

    def note(error: InvalidInputError, faults: list[Fault], *args: Any) -> None:
        for fault in faults:
            path = WIRE.get(fault.path, fault.path)
            raised.update((constraint(path, fault.rule), constraint(path, fault.rule, resource)))
        original(error, faults, *args)

    with patch.object(InvalidInputError, "__init__", note):
        outcome = yield
    # pytest-xdist sends properties from a worker to the process that reports.
    item.user_properties += [(SHOWS, name) for name in sorted(raised)]
    return outcome


@pytest.fixture
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip what no test uses: making a TLS context with its certificates would take most of its time."""
    monkeypatch.setattr("ssl.create_default_context", lambda **options: NO_CERTIFICATES)


@pytest.fixture
def break_call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes functions raise an error from now on.

    It takes the error, or the number of an `OSError`, and the dotted names of the functions.
    """

    def break_calls(cause: int | Exception, *names: str) -> None:
        error = OSError(cause, os.strerror(cause)) if isinstance(cause, int) else cause

        def broken(*given: object, **options: object) -> None:
            raise error

        for name in names:
            monkeypatch.setattr(name, broken)

    return break_calls


# The API keys of the tests. No file, log or output of any test may contain one.
KEYS = (b"kie-test-key-0123456789",)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that printed, logged or wrote an API key."""
    report = yield
    if report.when == "call" and report.passed:
        left = [title for title, text in report.sections if any(key.decode() in text for key in KEYS)]
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        files = folder.rglob("*") if folder else ()
        left += [
            str(file) for file in files if file.is_file() and any(key in file.read_bytes() for key in KEYS)
        ]
        if left:
            report.outcome = "failed"
            report.longrepr = f"the key was left behind in {', '.join(left)}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the surroundings of all tests, and register the summary in one process."""
    # A test sets the variables that it needs; those of the caller's shell must not change it.
    for name in list(os.environ):
        if name.startswith(CONTRACT.variable_prefix):
            del os.environ[name]
    # A shell ignores SIGINT in what it starts in the background, and every child inherits that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Summary(config), "contract-coverage")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Exempt what exists before the first test from garbage collection, which costs a quarter of the time."""
    gc.collect()
    gc.freeze()


class _Summary:
    """Collects what the tests cover and reports parts of the contract without a test."""

    def __init__(self, config: pytest.Config) -> None:
        self._whole = config.args in (config.getini("testpaths"), ["tests/client"]) and not any(
            getattr(config.option, name, None) for name in LESS
        )
        self._tests: defaultdict[str, list[str]] = defaultdict(list)
        self._coverage: Coverage = {}
        self._problems: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name == SHOWS:
                    self._tests[str(value)].append(report.nodeid.removeprefix(SUITE))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._whole or session.exitstatus != pytest.ExitCode.OK:
            return
        source = read_spec(SPEC)
        tests = {name: sorted(found) for name, found in sorted(self._tests.items())}
        self._coverage = cover(source, check_recordings(SPEC / "recordings", source.openapi), tests)
        self._problems = [str(fault) for fault in holes(self._coverage, SPEC)]
        write_shown(SHOWN, digest(SPEC, *SHOWING), tests)
        if self._problems:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._coverage:
            return
        terminalreporter.section("coverage of the contract")
        lines = table(self._coverage, reasons(SPEC), date.today())  # noqa: DTZ011 # an age in months
        verbose = terminalreporter.config.get_verbosity() > 0
        for line in (*(lines if verbose else ()), *summary(self._coverage)):
            terminalreporter.write_line(line)
        for problem in self._problems:
            terminalreporter.write_line(problem, red=True)
