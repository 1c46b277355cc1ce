"""What the tasks and resources of one client share: its session, its poller and its transport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx

from ..core.deadline import with_deadline
from ..core.effects import Flow
from ..core.locks.fork import renew_after_fork
from ..core.subscription import Subscription
from ..http.session import Session
from ..http.transport.asyncio_ import AsyncTransport
from ..http.transport.blocking import SyncTransport
from .polling.poller import TaskPoller
from .polling.wait import check_seconds

if TYPE_CHECKING:
    from ..contract.model import Timeouts

T = TypeVar("T")
R = TypeVar("R")


class ClientContext(Generic[T]):
    """What both kinds of context have in common."""

    def __init__(self, session: Session, task_class: Callable[[], Callable[..., T]]) -> None:
        self.session = session
        self.poller = TaskPoller(session)
        self._task_class = task_class

    def make_task(self, task_id: str, raw: dict[str, Any], created: float | None) -> T:
        """Make a task of the package's class."""
        return self._task_class()(self, task_id, raw, created)

    def _bounded(self, flow: Flow[R], timeout: float | None) -> Flow[R]:
        if timeout is None:
            return flow
        return with_deadline(flow, self.session.clock, check_seconds(timeout))


class SyncContext(ClientContext[T]):
    """The context of a blocking client."""

    def __init__(
        self,
        session: Session,
        task_class: Callable[[], Callable[..., T]],
        timeouts: Timeouts,
        http_client: httpx.Client | None,
    ) -> None:
        super().__init__(session, task_class)
        self.transport = SyncTransport(timeouts, http_client, session.clock)
        renew_after_fork(self, SyncContext._renew)

    def _renew(self) -> None:
        # A forked child must not use the connections and locks of its parent.
        self.poller = TaskPoller(self.session)
        self.transport = self.transport.renewed()

    def run(self, flow: Flow[R], timeout: float | None = None) -> R:
        """Perform a flow, within `timeout` seconds if given."""
        return self.transport.run(self._bounded(flow, timeout))

    def next_event(self, subscription: Subscription) -> Any:
        """Wait for the next event of a subscription."""
        return self.transport.next_event(self.poller, subscription)


class AsyncContext(ClientContext[T]):
    """The context of an asyncio client."""

    def __init__(
        self,
        session: Session,
        task_class: Callable[[], Callable[..., T]],
        timeouts: Timeouts,
        http_client: httpx.AsyncClient | None,
    ) -> None:
        super().__init__(session, task_class)
        self.transport = AsyncTransport(timeouts, http_client, session.clock)

    async def run(self, flow: Flow[R], timeout: float | None = None) -> R:
        """Perform a flow, within `timeout` seconds if given."""
        return await self.transport.run(self._bounded(flow, timeout))

    def next_event(self, subscription: Subscription) -> Awaitable[Any]:
        """Wait for the next event of a subscription."""
        return self.transport.next_event(self.poller, subscription)
