"""The sandbox as its user meets it."""

import threading
from collections.abc import Iterable
from math import isfinite
from typing import ClassVar, Self

from starlette.applications import Starlette

from ..contract.model import Contract, Verdict
from ..core.errors import ConfigurationError
from ..http.hosts import is_loopback
from .clock import Clock, RealClock, VirtualClock
from .fake_service.account import LedgerEntry
from .fake_service.painter import Repaint
from .fake_service.service import Answered, Service
from .fake_service.tasks import Failure
from .scenario import Scenario, Source
from .server.app import make_app
from .server.uvicorn_server import Server
from .server.webhook_sender import Delivery, WebhookSender

PATIENCE = 1.0
"""Seconds that stopping waits for a callback under way."""


class Sandbox:
    """A local service, answering as the contract says; all its servers are one.

    It runs between `with` and its end, or `start` and `stop`. It keeps everything in memory, listens
    on this machine only, and fetches nothing from outside.

    Args:
        keys: The API keys that it accepts, all of the one account.
        balance: The account's credits at the start.
        scale: Factor on how long a task takes, which is one second for each credit that one of its
            pictures costs; 0 settles a task at once. Nothing else is scaled.
        visible_after: Seconds after the create call in which a task cannot be queried yet.
        repaint: Which colour of a mask is repainted. The service documents it nowhere; black is
            what the upstream vendor's guide for masked edits says.
        signing_key: Signs callbacks when given.
        clock: The time; a `VirtualClock` stands still until it is advanced.
        host, port: Where it listens; port 0 takes a free one.

    Raises `ConfigurationError` for a host beyond this machine and a number that is none, and at the
    start for a port in use.
    """

    contract: ClassVar[Contract]

    def __init__(
        self,
        *,
        keys: Iterable[str] = ("sandbox",),
        balance: float = 1000.0,
        scale: float = 1.0,
        visible_after: float = 0.0,
        repaint: Repaint = "black",
        signing_key: str = "",
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if not is_loopback(host):
            raise ConfigurationError(
                f"the sandbox does not listen on {host}: it serves what it is sent to anyone who asks, "
                "so only addresses of this machine will do, such as 127.0.0.1"
            )
        for name, value in (("balance", balance), ("scale", scale), ("visible_after", visible_after)):
            if not (isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name}: {value!r} is no finite number of at least 0")
        self.keys = tuple(keys)
        self.clock: Clock = clock or RealClock()
        self.deliveries: list[Delivery] = []
        """What became of each callback."""
        self._service = Service(
            self.contract,
            self.clock,
            keys=self.keys,
            balance=balance,
            scale=scale,
            visible_after=visible_after,
            repaint=repaint,
        )
        self.scenario = Scenario(self.contract)
        """What is scripted and has not happened yet."""
        self.app: Starlette = make_app(self.contract, self._service, self.scenario)
        """The ASGI application, for use without a port."""
        self._courier = WebhookSender(self.contract, self.clock, signing_key, self.scenario)
        self._address = host, port
        self._server: Server | None = None
        self._rounds: threading.Thread | None = None
        if isinstance(self.clock, VirtualClock):
            self.clock.listeners.append(self.settle)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Its base URL, while it runs."""
        if self._server is None:
            raise ConfigurationError("the sandbox is not running: use it in a `with` statement, or start it")
        return self._server.url

    def start(self) -> None:
        """Listen and answer. Raises `ConfigurationError` when the port is in use, or by itself already."""
        if self._server:
            raise ConfigurationError("the sandbox is running already")
        self._server = Server(self.app, *self._address)
        self._server.start()
        if not isinstance(self.clock, VirtualClock):
            closing = self._courier.closing = threading.Event()
            self._rounds = threading.Thread(
                target=self._make_rounds, args=(closing,), name="sandbox-rounds", daemon=True
            )
            self._rounds.start()

    def stop(self) -> None:
        """Stop answering; tasks under way stay as they are."""
        if self._rounds:
            with self._service.changed:
                self._courier.closing.set()
                self._service.changed.notify_all()
            # It may be with a receiver that does not answer, and ends by itself once that is over.
            self._rounds.join(PATIENCE)
            self._rounds = None
        if self._server:
            self._server.stop()
            self._server = None

    def settle(self) -> None:
        """Settle what is due and deliver its callbacks. Happens by itself, at the latest when time moves."""
        self._service.settle()
        self._courier.accept(self._service.take_reports())
        self.deliveries += self._courier.deliver_due()

    def fail_next(
        self,
        code: str = "GENERATION_FAILED",
        msg: str = "The generation task failed.",
        *,
        query_code: int | None = None,
    ) -> None:
        """Make the next task fail; further calls wait for the tasks after it.

        The query then answers with a record in the failed state that names `code` and `msg`. With
        `query_code`, it answers with that body code and `msg` instead of a record.

        Raises `ConfigurationError` for a code that the contract does not know as a task's failure.
        """
        failing = [number for number, entry in self.contract.codes.items() if entry.query == "failed"]
        if query_code is not None and query_code not in failing:
            known = ", ".join(map(str, failing))
            raise ConfigurationError(f"query_code: {query_code} fails no task; the codes that do are {known}")
        verdict = None if query_code is None else Verdict(query_code, msg)
        self._service.fail_next(Failure(code, msg, verdict))

    def play(self, scenario: Source) -> None:
        """Script what happens to calls and callbacks, behind what is scripted already.

        `scenario` is a file, YAML or JSON, or the steps themselves; docs/testing.md describes them.
        Raises `ConfigurationError` naming what is wrong in it, and the near miss.
        """
        self.scenario.add(scenario)

    @property
    def balance(self) -> float:
        """The account's credits."""
        return self._service.account.balance

    @property
    def charges(self) -> list[LedgerEntry]:
        """What was charged, one entry for each task."""
        return list(self._service.account.charges)

    @property
    def refunds(self) -> list[LedgerEntry]:
        """What was given back, one entry for each failed task."""
        return list(self._service.account.refunds)

    @property
    def calls(self) -> list[Answered]:
        """Every call of an operation, with the body code that it was answered with."""
        return list(self._service.calls)

    def _make_rounds(self, closing: threading.Event) -> None:
        changed = self._service.changed
        while True:
            with changed:
                while not closing.is_set() and (rest := self._rest()) != 0:
                    changed.wait(rest)
                if closing.is_set():
                    return
            self.settle()

    def _rest(self) -> float | None:
        """Seconds until there is something to settle or to deliver."""
        rests = [rest for rest in (self._service.rest(), self._courier.rest()) if rest is not None]
        return min(rests, default=None)
