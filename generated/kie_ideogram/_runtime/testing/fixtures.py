"""What stands behind the pytest fixtures: a strict sandbox without a port, and strict replays."""

import contextlib
from collections.abc import Callable, Iterator
from inspect import signature
from os import PathLike
from pathlib import Path
from typing import Any

import httpx

from ..contract.suggest import did_you_mean
from ..core.clock import Environment
from .clock import VirtualClock
from .in_process import BASE, AsyncInProcess, AutoAdvance, InProcess
from .replay import Replay, read
from .sandbox import Sandbox
from .scenario import Source
from .server.uvicorn_server import Server

# How far each look at a task moves the clock for callers over HTTP.
LOOK = 5.0

ACCEPTED = 200


class Clients:
    """Makes clients of an app without a port, and closes them."""

    def __init__(self, app: Any, clock: VirtualClock, api_key: str) -> None:
        self._app, self._clock, self._api_key = app, clock, api_key
        self._transports: list[InProcess] = []

    def make(self, kind: Callable[..., Any], servers: tuple[str, ...]) -> Any:
        """A client; `servers` are its base URLs' argument names."""
        transport = InProcess(self._app)
        self._transports.append(transport)
        return self._client(kind, httpx.Client(transport=transport), servers)

    def make_async(self, kind: Callable[..., Any], servers: tuple[str, ...]) -> Any:
        """The same for asyncio."""
        return self._client(kind, httpx.AsyncClient(transport=AsyncInProcess(self._app)), servers)

    def _client(self, kind: Callable[..., Any], http: Any, servers: tuple[str, ...]) -> Any:
        environment = Environment(self._clock.for_clients)
        urls = dict.fromkeys(servers, BASE)
        return kind(self._api_key, http_client=http, _environment=environment, **urls)

    def close(self) -> None:
        """Close what was made."""
        for transport in self._transports:
            transport.close()


class SandboxFixture:
    """A sandbox on a virtual clock that holds a test to what it asked for.

    Everything of `Sandbox` is there: `play`, `fail_next`, `clock`, `charges`, `calls`, …
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._expected: list[int] = []
        self._server: Server | None = None
        self.clients = Clients(sandbox.app, sandbox.clock, sandbox.keys[0])  # type: ignore[arg-type]  # made with one

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    @property
    def url(self) -> str:
        """Its base URL, for any HTTP library; it listens from the first use to the end of the test.

        The clock moves five seconds with each look at a task: who polls gets there without waiting.
        """
        if self._server is None:
            contract = self._sandbox.contract
            path = contract.operations[contract.workflow.poll].path
            app: Any = AutoAdvance(self._sandbox.app, path, self._sandbox.clock, LOOK)
            self._server = Server(app, "127.0.0.1", 0)
            self._server.start()
        return self._server.url

    def expect_refusal(self, code: int) -> None:
        """Let one call be refused with this code. A refusal that nobody wanted fails the test."""
        self._expected.append(code)

    def close(self) -> list[str]:
        """Stop, and say what was not as it should."""
        self.clients.close()
        if self._server:
            self._server.stop()
        complaints = []
        expected = list(self._expected)
        for call in self._sandbox.calls:
            if call.code == ACCEPTED or call.scripted:
                continue
            if call.code in expected:
                expected.remove(call.code)
                continue
            complaints.append(f"{call.operation} was refused with code {call.code}: {call.reason}")
        complaints += [f"no call was refused with code {code}, which the test expects" for code in expected]
        complaints += [f"scripted, but it did not happen: {step}" for step in self._sandbox.scenario.left()]
        return complaints


@contextlib.contextmanager
def bench(
    make: Callable[..., Sandbox], fail: Callable[[str], object], options: dict[str, Any]
) -> Iterator[SandboxFixture]:
    """A sandbox for one test; `fail` is told what was not as it should."""
    known = list(signature(make).parameters)
    for name in options:
        if name not in known:
            listed = ", ".join(known)
            fail(f"kie_sandbox: {name!r} is not one of {listed}{did_you_mean(name, known)}")
    made = SandboxFixture(make(clock=VirtualClock(), **options))
    try:
        yield made
    finally:
        complaints = made.close()
    if complaints:
        fail("the sandbox complains: " + "\n".join(complaints))


class ReplayFixture:
    """Replays recordings: of this package by their name, or any HAR by its path."""

    def __init__(
        self, ours: Path, folder: Path, make: Callable[..., Any], make_async: Callable[..., Any]
    ) -> None:
        self._ours, self._folder = ours, folder
        self._make, self._make_async = make, make_async
        self._replay = Replay()
        self._clients = Clients(self._replay.app, VirtualClock(), "recorded")
        self._server: Server | None = None

    def __call__(self, recording: str | PathLike[str]) -> "ReplayFixture":
        """Add a recording behind those that are there.

        A name, `<operation>/<scenario>`, is one of this package; all else is a file, relative to
        the test's. Raises `ConfigurationError` for what is no HAR.
        """
        name = str(recording)
        path = self._folder / name if name.endswith(".har") else self._ours / f"{name}.har"
        self._replay.left += read(path)
        return self

    @property
    def kie(self) -> Any:
        """A client that gets the recorded answers."""
        return self._make(self._clients)

    @property
    def async_kie(self) -> Any:
        """The same for asyncio."""
        return self._make_async(self._clients)

    @property
    def url(self) -> str:
        """A base URL that answers as recorded, for any HTTP library."""
        if self._server is None:
            self._server = Server(self._replay.app, "127.0.0.1", 0)
            self._server.start()
        return self._server.url

    def close(self) -> list[str]:
        """Stop, and say what was not as recorded."""
        self._clients.close()
        if self._server:
            self._server.stop()
        left = [f"recorded, but not asked for: {entry.method} {entry.path}" for entry in self._replay.left]
        return self._replay.complaints + left


@contextlib.contextmanager
def player(
    ours: Path,
    folder: Path,
    make: Callable[..., Any],
    make_async: Callable[..., Any],
    fail: Callable[[str], object],
) -> Iterator[ReplayFixture]:
    """Recordings for one test; `fail` is told what was not as recorded."""
    made = ReplayFixture(ours, folder, make, make_async)
    try:
        yield made
    finally:
        complaints = made.close()
    if complaints:
        fail("the recordings complain:\n" + "\n".join(f"- {line}" for line in complaints))


def scenario(sandbox: SandboxFixture, folder: Path) -> Callable[[Source], None]:
    """What scripts a test's sandbox; a file is relative to the test's."""

    def play(source: Source) -> None:
        sandbox.play(folder / source if isinstance(source, str | PathLike) else source)

    return play
