"""A caller that waits for events of one or more tasks, as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Subscription:
    """One waiting caller: its deadline, and the events that are ready for it.

    An event is a task after a poll, or an error that ended the wait for a task.
    """

    __slots__ = ("deadline", "events", "last", "make_task", "on_wake", "pending", "woken", "yields_changes")

    def __init__(self, make_task: Callable[..., Any], deadline: float, *, yields_changes: bool) -> None:
        """`deadline` is monotonic, seconds. Without `yields_changes`, only the end of a task is an event."""
        self.make_task = make_task
        self.deadline = deadline
        self.yields_changes = yields_changes
        self.events: list[Any] = []
        self.pending = 0
        """How many of its tasks have not ended yet."""
        self.last: Any = None
        """The `PendingTask` that was added last."""
        self.woken = False
        self.on_wake: Callable[[], object] | None = None
        """Wakes the caller; set while it sleeps."""

    def publish(self, event: Any) -> None:
        """Add an event and wake the caller."""
        self.events.append(event)
        self.wake()

    def wake(self) -> None:
        """Wake the caller, or keep it from falling asleep."""
        self.woken = True
        if self.on_wake:
            self.on_wake()
