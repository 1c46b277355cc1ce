"""The sandbox: a local service for tests and demonstrations."""

import threading
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, ClassVar, Self

from starlette.applications import Starlette

from ..contract.model import CannedReply, Contract, Repaint
from ..contract.wrong_arguments import explain_wrong_arguments
from ..core.clock import SYSTEM, SYSTEM_CLOCK
from ..core.errors import ConfigurationError
from ..http.hosts import is_loopback
from .clock import RealClock, SandboxClock
from .fake_service.account import LedgerEntry
from .fake_service.service import AnsweredCall, Service
from .fake_service.tasks import Failure
from .scenario import Scenario, Source
from .server.app import make_app
from .server.uvicorn_server import Server
from .server.webhook_sender import Delivery, WebhookSender
from .signed_callback import SignedCallback, sign_callback, signature_of
from .virtual_clock import VirtualClock

STOP_TIMEOUT = 1.0
"""Seconds that `stop` waits for a callback that is being sent."""


class Sandbox:
    """A local service that answers as the contract says. It serves all servers of the contract.

    It runs in a `with` statement, or from `start` to `stop`. It keeps everything in memory and fetches
    nothing. Callbacks are sent to addresses of this machine only, to ports 80, 443 and from 1024.

    Args:
        keys: The API keys that it accepts. All belong to one account.
        balance: The credits of the account at the start.
        scale: A factor on how long a task takes, which is one second for each credit that one of its
            pictures costs. With 0, a task ends at once.
        visible_after: Seconds after the submission in which a task cannot be queried yet.
        repaint: The colour of a mask that is repainted. The service does not document it; the guide of
            the model's vendor says black.
        signing_key: Signs callbacks. Without it, callbacks are not signed.
        signing_time: Returns the Unix time of a signature; the system's by default, as for the code that
            verifies it.
        clock: The time. A `VirtualClock` advances only on request, or when its clients wait.
        host, port: The address to listen on. Port 0 selects a free port.
        allowed_hosts: The host names under which other machines reach it. To listen on an address of
            another network than loopback, name at least one.

    Raises:
        ConfigurationError: An argument is invalid, or the port is in use at the start.
    """

    contract: ClassVar[Contract]
    base_urls: ClassVar[tuple[str, ...]]
    """The arguments of a client that name a server's URL."""

    @explain_wrong_arguments
    def __init__(
        self,
        *,
        keys: Iterable[str] = ("sandbox",),
        balance: float = 1000.0,
        scale: float = 1.0,
        visible_after: float = 0.0,
        repaint: Repaint = "black",
        signing_key: str = "",
        signing_time: Callable[[], float] = SYSTEM_CLOCK.unix,
        clock: SandboxClock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        for name, words in (("keys", keys), ("allowed_hosts", allowed_hosts)):
            if isinstance(words, str):
                raise ConfigurationError(f"{name}: must be a list of strings, not a string: [{words!r}]")
        hosts = tuple(allowed_hosts)
        if not is_loopback(host) and not hosts:
            raise ConfigurationError(
                f"host: {host!r} is not a loopback address such as 127.0.0.1, and the sandbox has no "
                "protection against other machines; to listen there nevertheless, name the allowed hosts"
            )
        for name, value in (("balance", balance), ("scale", scale), ("visible_after", visible_after)):
            if not (isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name}: must be a finite number of at least 0, got {value!r}")
        self.keys = tuple(keys)
        self.clock: SandboxClock = clock or RealClock()
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
        """The steps of `play` that are left."""
        self.app: Starlette = make_app(self.contract, self._service, self.scenario, hosts)
        """The ASGI application, for use without a port."""
        self._signing_key = signing_key
        self._signing_time = signing_time
        self._sender = WebhookSender(
            self.contract, self.clock, self.scenario, signing_key=signing_key, signing_time=signing_time
        )
        self._sending = threading.Lock()
        self._address = host, port
        self._server: Server | None = None
        self._settler: threading.Thread | None = None
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
            raise ConfigurationError(
                "the sandbox is not running; use it in a `with` statement, or call start()"
            )
        return self._server.url

    def start(self) -> None:
        """Start listening. Raises `ConfigurationError` if the port is in use, or if it already listens."""
        if self._server:
            raise ConfigurationError("the sandbox is already running")
        self._server = Server(self.app, *self._address)
        self._server.start()
        if not isinstance(self.clock, VirtualClock):
            closing = self._sender.closing = threading.Event()
            self._settler = threading.Thread(
                target=self._settle_when_due, args=(closing,), name="sandbox-settler", daemon=True
            )
            self._settler.start()

    def stop(self) -> None:
        """Stop listening. Tasks that have not ended keep their state."""
        if self._settler:
            with self._service.changed:
                self._sender.closing.set()
                self._service.changed.notify_all()
            # A receiver that does not answer may delay the thread; it ends afterwards.
            self._settler.join(STOP_TIMEOUT)
            self._settler = None
        if self._server:
            self._server.stop()
            self._server = None

    def client_options(self) -> dict[str, Any]:
        """Return the arguments for a client of this sandbox: key, URLs, and the sandbox's time."""
        environment = self.clock.environment if isinstance(self.clock, VirtualClock) else SYSTEM
        return {
            "api_key": self.keys[0],
            **dict.fromkeys(self.base_urls, self.url),
            "_environment": environment,
        }

    def settle(self) -> None:
        """End the tasks that are due and send their callbacks.

        The sandbox calls it whenever time advances. A call during another call returns at once, and the
        other call does the work: the receiver of a callback may let time advance.
        """
        while self._sending.acquire(blocking=False):
            try:
                self._service.settle()
                self._sender.accept(self._service.take_reports())
                self.deliveries += self._sender.deliver_due()
            finally:
                self._sending.release()
            if self._seconds_until_due() != 0:
                return

    @explain_wrong_arguments
    def fail_next(
        self,
        code: str = "GENERATION_FAILED",
        msg: str = "The generation task failed.",
        *,
        query_code: int | None = None,
    ) -> None:
        """Make the task of the next submission fail. Further calls affect the tasks after it.

        The record of the task then has the failed state, `code` and `msg`. With `query_code`, a query gets
        this body code and `msg` instead of a record.

        Raises:
            ConfigurationError: `query_code` does not mean that a task has failed.
        """
        failing = [number for number, entry in self.contract.codes.items() if entry.query == "failed"]
        if query_code is not None and query_code not in failing:
            known = ", ".join(map(str, failing))
            raise ConfigurationError(
                f"query_code: {query_code} does not mean a failed task; use one of {known}"
            )
        reply = None if query_code is None else CannedReply(query_code, msg)
        self._service.fail_next(Failure(code, msg, reply))

    def play(self, scenario: Source) -> None:
        """Add the steps of a scenario after those that are left; docs/testing.md describes them.

        Args:
            scenario: A YAML or JSON file, or the steps.

        Raises:
            ConfigurationError: A step is invalid.
        """
        self.scenario.add(scenario)

    @explain_wrong_arguments
    def signed_callback(
        self, task_id: str, *, secret: str | None = None, now: float | None = None
    ) -> SignedCallback:
        """Return the callback of a task that has ended, signed, to pass to the code that receives it.

        Args:
            task_id: The id of the task.
            secret: Signs the callback; `signing_key` by default.
            now: The Unix time of the signature; that of `signing_time` by default.

        Raises:
            ConfigurationError: The task has not ended, or there is no secret.
        """
        signature_of(self.contract)
        secret = self._signing_key if secret is None else secret
        if not secret:
            raise ConfigurationError("secret: is missing; pass it, or give the sandbox a signing_key")
        payload = self._service.callback_payload(task_id)
        if payload is None:
            raise ConfigurationError(f"task_id: {task_id!r} is not a task of this sandbox that has ended")
        return sign_callback(self.contract, payload, secret, self._signing_time() if now is None else now)

    @property
    def balance(self) -> float:
        """The credits of the account."""
        return self._service.account.balance

    @property
    def charges(self) -> list[LedgerEntry]:
        """The charges, one for each accepted submission."""
        return list(self._service.account.charges)

    @property
    def refunds(self) -> list[LedgerEntry]:
        """The refunds, one for each failed task."""
        return list(self._service.account.refunds)

    @property
    def calls(self) -> list[AnsweredCall]:
        """Every call of an operation, with the body code of its reply."""
        return list(self._service.calls)

    def _settle_when_due(self, closing: threading.Event) -> None:
        changed = self._service.changed
        while True:
            with changed:
                while not closing.is_set() and (seconds := self._seconds_until_due()) != 0:
                    changed.wait(seconds)
                if closing.is_set():
                    return
            self.settle()

    def _seconds_until_due(self) -> float | None:
        """Return the seconds until a task ends or a callback is due; None if nothing is under way."""
        waits = (self._service.seconds_until_due(), self._sender.seconds_until_due())
        return min((wait for wait in waits if wait is not None), default=None)
