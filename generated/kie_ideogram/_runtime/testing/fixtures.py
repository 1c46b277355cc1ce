"""The pytest fixtures: a strict sandbox without a port, and strict replays of recordings."""

import contextlib
from collections.abc import Callable, Iterator
from inspect import signature
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from ..contract.suggest import did_you_mean
from ..core.errors import ConfigurationError
from ..core.identity import NAME
from .in_process import BASE, AsyncInProcess, AutoAdvance, InProcess
from .replay import Replay, read_har, recording_names
from .sandbox import Sandbox
from .scenario import Source
from .server.uvicorn_server import Server
from .virtual_clock import VirtualClock

# Each poll of a task over HTTP advances the clock by this many seconds.
SECONDS_PER_POLL = 5.0

ACCEPTED = 200


class ClientClasses(NamedTuple):
    """The client classes of a package, and their arguments that name a server's URL."""

    blocking: Callable[..., Any]
    asyncio: Callable[..., Any]
    base_urls: tuple[str, ...]


class InProcessClients:
    """Makes clients that call an app without a port, in virtual time."""

    def __init__(self, classes: ClientClasses, app: Any, clock: VirtualClock, api_key: str) -> None:
        self._classes, self._app, self._clock, self._api_key = classes, app, clock, api_key
        self._transport: InProcess | None = None
        self._clients: list[Any] = []

    def options(self) -> dict[str, Any]:
        """Return the arguments of a blocking client."""
        if self._transport is None:
            self._transport = InProcess(self._app, self._clock)
        return self._options(httpx.Client(transport=self._transport))

    def async_options(self) -> dict[str, Any]:
        """Return the arguments of an asyncio client."""
        return self._options(httpx.AsyncClient(transport=AsyncInProcess(self._app, self._clock)))

    def client(self, **options: Any) -> Any:
        """Return a blocking client. `close` closes it."""
        client = self._classes.blocking(**{**self.options(), **options})
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> Any:
        """Return an asyncio client."""
        return self._classes.asyncio(**{**self.async_options(), **options})

    def _options(self, http_client: httpx.Client | httpx.AsyncClient) -> dict[str, Any]:
        return {
            "api_key": self._api_key,
            **dict.fromkeys(self._classes.base_urls, BASE),
            "http_client": http_client,
            "_environment": self._clock.environment,
        }

    def close(self) -> None:
        """Close the blocking clients, and the event loop that served them."""
        for client in self._clients:
            client.close()
        if self._transport:
            self._transport.close()


class SandboxFixture:
    """A sandbox in virtual time that fails the test for calls and steps that the test did not expect.

    It has all attributes of `Sandbox`, such as `play`, `fail_next`, `clock`, `charges` and `calls`.
    """

    def __init__(self, sandbox: Sandbox, clock: VirtualClock, classes: ClientClasses) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._expected: list[int] = []
        self._server: Server | None = None
        self._clients = InProcessClients(classes, sandbox.app, clock, sandbox.keys[0])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def client(self, **options: Any) -> Any:
        """Return a blocking client of the sandbox in virtual time.

        Args:
            options: Arguments of the client, such as `journal`.
        """
        return self._clients.client(**options)

    def async_client(self, **options: Any) -> Any:
        """Return an asyncio client of the sandbox in virtual time.

        Args:
            options: Arguments of the client, such as `journal`.
        """
        return self._clients.async_client(**options)

    def client_options(self) -> dict[str, Any]:
        """Return arguments that connect a blocking client to the sandbox, in virtual time."""
        return self._clients.options()

    def async_client_options(self) -> dict[str, Any]:
        """Return arguments that connect an asyncio client to the sandbox, in virtual time."""
        return self._clients.async_options()

    @property
    def url(self) -> str:
        """Its base URL, for any HTTP library. It listens from the first use to the end of the test.

        Each poll of a task advances the clock by five seconds, so that polling needs no real waiting.
        """
        if self._server is None:
            contract = self._sandbox.contract
            path = contract.operations[contract.workflow.poll].path
            app: Any = AutoAdvance(self._sandbox.app, path, self._clock, SECONDS_PER_POLL)
            self._server = Server(app, "127.0.0.1", 0)
            self._server.start()
        return self._server.url

    def expect_refusal(self, code: int) -> None:
        """Expect one call to be refused with this code. Any other refusal fails the test."""
        self._expected.append(code)

    def close(self) -> list[str]:
        """Stop, and return what the test did not expect."""
        self._clients.close()
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
        complaints += [f"no call was refused with code {code}, as expect_refusal says" for code in expected]
        complaints += [
            f"a step of the scenario was not used: {step}" for step in self._sandbox.scenario.remaining()
        ]
        return complaints


@contextlib.contextmanager
def sandbox_fixture(
    make: Callable[..., Sandbox],
    classes: ClientClasses,
    fail: Callable[[str], object],
    options: dict[str, Any],
) -> Iterator[SandboxFixture]:
    """Make a sandbox for one test; `fail` is called with what the test did not expect."""
    known = list(signature(make).parameters)
    for name in options:
        if name not in known:
            listed = ", ".join(known)
            fail(f"{NAME}_sandbox: {name!r} is not one of {listed}{did_you_mean(name, known)}")
    clock = options.setdefault("clock", VirtualClock())
    if not isinstance(clock, VirtualClock):
        fail(f"{NAME}_sandbox: clock: must be a VirtualClock, got {type(clock).__name__}")
    fixture = SandboxFixture(make(**options), clock, classes)
    try:
        yield fixture
    finally:
        complaints = fixture.close()
    if complaints:
        fail("the sandbox reports:\n" + "\n".join(f"- {line}" for line in complaints))


class ReplayFixture:
    """Replays recordings of this package by name, or any HAR file by path."""

    def __init__(
        self, recordings: Path, folder: Path, classes: ClientClasses, hosts: tuple[str, ...]
    ) -> None:
        self._recordings, self._folder, self._hosts = recordings, folder, hosts
        self._replay = Replay()
        self._clients = InProcessClients(classes, self._replay.app, VirtualClock(), "recorded")
        self._server: Server | None = None

    def __call__(self, recording: str | PathLike[str]) -> "ReplayFixture":
        """Add a recording after those that are left.

        Args:
            recording: A name, such as `<operation>/<scenario>`, or the path of a HAR file, relative to
                the file of the test.

        Raises:
            ConfigurationError: The recording does not exist, or the file is not a HAR.
        """
        name = str(recording)
        if not name.endswith(".har") and name not in self.names:
            operation = name.partition("/")[0]
            listed = [known for known in self.names if known.startswith(f"{operation}/")]
            names = f"; those of {operation} are {', '.join(listed)}" if listed else ""
            raise ConfigurationError(
                f"{name}: is not the name of a recording{did_you_mean(name, self.names)}{names}; "
                f"{NAME}_recordings.names lists all"
            )
        path = self._folder / name if name.endswith(".har") else self._recordings / f"{name}.har"
        self._replay.remaining += read_har(path, self._hosts)
        return self

    @property
    def names(self) -> list[str]:
        """The names of the recordings of this package."""
        return recording_names(self._recordings)

    def client(self) -> Any:
        """Return a blocking client that gets the recorded responses."""
        return self._clients.client()

    def async_client(self) -> Any:
        """Return an asyncio client that gets the recorded responses."""
        return self._clients.async_client()

    @property
    def url(self) -> str:
        """A base URL that answers as recorded, for any HTTP library."""
        if self._server is None:
            self._server = Server(self._replay.app, "127.0.0.1", 0)
            self._server.start()
        return self._server.url

    def close(self) -> list[str]:
        """Stop, and return what was not as recorded."""
        self._clients.close()
        if self._server:
            self._server.stop()
        unused = [
            f"a recorded request was not sent: {entry.method} {entry.path}"
            for entry in self._replay.remaining
        ]
        return self._replay.complaints + unused


@contextlib.contextmanager
def replay_fixture(
    recordings: Path,
    folder: Path,
    sandbox: type[Sandbox],
    classes: ClientClasses,
    fail: Callable[[str], object],
) -> Iterator[ReplayFixture]:
    """Make a replay for one test; `fail` is called with what was not as recorded."""
    hosts = tuple(urlsplit(server.url).hostname or "" for server in sandbox.contract.servers)
    fixture = ReplayFixture(recordings, folder, classes, hosts)
    try:
        yield fixture
    finally:
        complaints = fixture.close()
    if complaints:
        fail("the recordings report:\n" + "\n".join(f"- {line}" for line in complaints))


def scenario_fixture(sandbox: SandboxFixture, folder: Path) -> Callable[[Source], None]:
    """Return what adds a scenario to a test's sandbox. The path of a file is relative to the test's."""

    def play(source: Source) -> None:
        sandbox.play(folder / source if isinstance(source, str | PathLike) else source)

    return play
