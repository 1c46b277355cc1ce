"""Uploads each content once for all rows of a batch, and again before its URL expires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from ...contract.facts import taking
from ...core.effects import Flow, WaitForWakeup
from ...core.subscription import Subscription

if TYPE_CHECKING:
    from ...http.session import Session

# Seconds after which a row that waits for another row's upload looks again.
_LOOK_AGAIN = 60.0


class SharedUploads:
    """The URLs of what was uploaded, by hash. Threads may share it."""

    def __init__(self, session: Session) -> None:
        self._clock = session.clock
        operation = taking(session.contract, "file.content")
        lifetime = operation.lifetime if operation else 0.0
        self._usable = usable_seconds(lifetime, session.workflow.wait.deadline)
        self._urls: dict[str, tuple[str, float]] = {}
        self._waiting: dict[str, list[Subscription]] = {}
        """The rows that wait for each upload that is under way."""
        self._lock = threading.Lock()

    def share(self, sha256: str, upload: Callable[[], Flow[str]]) -> Flow[str]:
        """Return the URL of a content, which is uploaded unless another row did so.

        Raises what `upload` raises.
        """
        while True:
            with self._lock:
                url, end = self._urls.get(sha256, ("", -inf))
                if self._clock.monotonic() < end:
                    return url
                waiting = self._waiting.get(sha256)
                if waiting is None:
                    self._waiting[sha256] = []
                    break
                subscription = Subscription(None, inf, yields_changes=False)  # type: ignore[arg-type] # makes no task
                waiting.append(subscription)
            yield WaitForWakeup(subscription, _LOOK_AGAIN)
        try:
            url = yield from upload()
            with self._lock:
                self._urls[sha256] = url, self._clock.monotonic() + self._usable
            return url
        finally:
            # If the upload failed, one of those who wait tries again.
            with self._lock:
                waiting = self._waiting.pop(sha256)
            for subscription in waiting:
                subscription.wake()


def usable_seconds(lifetime: float, longest_task: float) -> float:
    """Return for how long new tasks may use an upload that is stored for `lifetime` seconds; 0 has no end.

    The service may read it as late as at the end of the task.
    """
    return max(lifetime / 2, lifetime - 2 * longest_task) if lifetime else inf
