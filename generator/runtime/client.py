"""The two clients without their resources; the rendered package adds those."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

import httpx

from .contract.describe import describe
from .core.effects import Flow, T
from .core.errors import ApiError, ConfigurationError
from .core.fork import renew_after_fork
from .http.limits.rate_limiter import Turns
from .http.request import check_key, check_server
from .http.session import Core
from .http.transport.blocking import AsyncTransport, SyncTransport
from .tasks.polling.poller import Schedule, Seat

if TYPE_CHECKING:
    from .contract.model import Contract, Timeouts
    from .journal.journal import Journal
    from .tasks.submit.recovery import Alarm, Unknown

R = TypeVar("R")


class Settings(NamedTuple):
    """What the two clients are made from; see the rendered ones."""

    contract: Contract
    errors: dict[int, type[ApiError]]
    api_key: str | None
    servers: dict[str, str]
    timeout: float | None
    journal: str | os.PathLike[str] | None
    limits: Turns | None


def _core(settings: Settings) -> Core:
    servers = {name: check_server(f"the {name} server's URL", url) for name, url in settings.servers.items()}
    key = check_key(settings.api_key, settings.contract.key_variable)
    journal = None
    if settings.journal is not None:
        from .journal.journal import Journal  # not loaded by those who keep none

        journal = Journal(settings.journal)
    return Core(settings.contract, settings.errors, key, servers, journal, settings.limits)


def _timeouts(contract: Contract, timeout: float | None) -> Timeouts:
    if timeout is None:
        return contract.timeouts
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 0 < timeout < TIMEOUT_MAX:
        raise ConfigurationError(
            f"timeout: {describe(timeout)} is no number of seconds above 0; leave it out for the contract's"
        )
    total = max(timeout, contract.timeouts.total)
    return contract.timeouts._replace(connect=timeout, read=timeout, write=timeout, pool=timeout, total=total)


class _Client(Generic[T]):
    """What both clients are made of."""

    def __init__(self, settings: Settings) -> None:
        self.core = _core(settings)
        self.schedule = Schedule(self.core)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def journal(self) -> Journal:
        """The journal. For the package's own use."""
        if self.core.journal is None:
            raise ConfigurationError("this needs a journal: pass journal=PATH to the client")
        return self.core.journal

    def give(self, task_id: str, raw: dict[str, Any], created: float | None) -> T:
        """Make the package's kind of task. For the package's own use."""
        raise NotImplementedError  # the rendered client knows the class


class SyncClient(_Client[T]):
    """Wires a core to a blocking transport."""

    def __init__(self, settings: Settings, http_client: httpx.Client | None) -> None:
        timeouts = _timeouts(settings.contract, settings.timeout)
        super().__init__(settings)
        self._transport = SyncTransport(timeouts, http_client)
        renew_after_fork(self, SyncClient._renew)

    def _renew(self) -> None:
        # A forked child: its parent's connections and locks are not its own.
        self.schedule = Schedule(self.core)
        self._transport = self._transport.renewed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        self._transport.close()
        if self.core.journal:
            self.core.journal.close()

    def run(self, flow: Flow[R]) -> R:
        """Perform a flow. For the package's own use."""
        return self._transport.run(flow)

    def news(self, seat: Seat) -> Any:
        """Wait for the next news of a seat. For the package's own use."""
        return self._transport.news(self.schedule, seat)

    def resume(self) -> list[T]:
        """Return the tasks that are paid for and not done, the oldest first: wait for them, save them.

        Done are tasks that failed, that were saved, and of which `finish` was called.
        """
        from .tasks.submit.recovery import resume

        return self.run(resume(self.core, self.journal, self.give))

    def unknown(self) -> list[Unknown]:
        """Return the creates whose outcome nobody knows, each with what it may have cost."""
        from .tasks.submit.recovery import unknown

        return self.run(unknown(self.core, self.journal))

    def alarms(self) -> list[Alarm]:
        """Return the tasks that came on top of a job's own: something was paid twice."""
        from .tasks.submit.recovery import alarms

        return self.run(alarms(self.core, self.journal))

    def adopt(self, key: str, task_id: str) -> T:
        """Settle an unknown create by the task that you found in the account's task log.

        Raises `InvalidInputError` when the task's record shows another request; and what `tasks.get` raises.
        """
        from .tasks.submit.recovery import adopt

        return self.run(adopt(self.core, self.journal, key, task_id, self.give))

    def resend(self, key: str) -> T:
        """Send an unknown create once more, by your explicit word: it may be paid twice.

        Raises what `create` raises.
        """
        from .tasks.submit.recovery import resend

        return self.run(resend(self.core, self.journal, key, self.give))

    def notify(self, task_id: str, url: str = "") -> None:
        """Tell the client of a callback: the id that `callbacks.verify` proved, and the URL it came to.

        Whoever waits for the task reads it at once. With a journal, the create that the URL names is
        settled, once the task's record confirms it.

        Raises `SignatureError` for a URL that names a job and is not ours; and what `tasks.get` raises.
        """
        if self.core.journal:
            from .tasks.submit.recovery import notify

            self.run(notify(self.core, self.core.journal, task_id, url))
        self.schedule.hasten(task_id)

    def finish(self, task_id: str) -> None:
        """Say that a task is done, so that `resume` leaves it out. `save` says so itself."""
        from .tasks.submit.recovery import finish

        self.run(finish(self.core, self.journal, task_id))


class AsyncClient(_Client[T]):
    """Wires a core to an asyncio transport."""

    def __init__(self, settings: Settings, http_client: httpx.AsyncClient | None) -> None:
        timeouts = _timeouts(settings.contract, settings.timeout)
        super().__init__(settings)
        self._transport = AsyncTransport(timeouts, http_client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        await self._transport.close()
        if self.core.journal:
            self.core.journal.close()

    async def run(self, flow: Flow[R]) -> R:
        """Perform a flow. For the package's own use."""
        return await self._transport.run(flow)

    def news(self, seat: Seat) -> Awaitable[Any]:
        """Wait for the next news of a seat. For the package's own use."""
        return self._transport.news(self.schedule, seat)

    async def resume(self) -> list[T]:
        """See `SyncClient.resume`."""
        from .tasks.submit.recovery import resume

        return await self.run(resume(self.core, self.journal, self.give))

    async def unknown(self) -> list[Unknown]:
        """See `SyncClient.unknown`."""
        from .tasks.submit.recovery import unknown

        return await self.run(unknown(self.core, self.journal))

    async def alarms(self) -> list[Alarm]:
        """See `SyncClient.alarms`."""
        from .tasks.submit.recovery import alarms

        return await self.run(alarms(self.core, self.journal))

    async def adopt(self, key: str, task_id: str) -> T:
        """See `SyncClient.adopt`."""
        from .tasks.submit.recovery import adopt

        return await self.run(adopt(self.core, self.journal, key, task_id, self.give))

    async def resend(self, key: str) -> T:
        """See `SyncClient.resend`."""
        from .tasks.submit.recovery import resend

        return await self.run(resend(self.core, self.journal, key, self.give))

    async def notify(self, task_id: str, url: str = "") -> None:
        """See `SyncClient.notify`."""
        if self.core.journal:
            from .tasks.submit.recovery import notify

            await self.run(notify(self.core, self.core.journal, task_id, url))
        self.schedule.hasten(task_id)

    async def finish(self, task_id: str) -> None:
        """See `SyncClient.finish`."""
        from .tasks.submit.recovery import finish

        await self.run(finish(self.core, self.journal, task_id))
