"""Simulate a service and an event loop, so that hours of waiting run in seconds."""

import asyncio
import heapq
import json
import selectors
from collections import deque
from typing import Any

import httpx

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.clock import SystemClock

LATENCY = 0.2
"""Seconds from a query to its reply; a fifth of a second is a typical round trip."""

QUERIES = next(limit for limit in CONTRACT.rate_limits if CONTRACT.workflow.poll in limit.operations)


class _Selector(selectors.DefaultSelector):
    """A selector that never waits: it advances the time to the next event."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time advances only while all of its tasks wait."""

    def __init__(self) -> None:
        self._simulated = _Selector()
        super().__init__(self._simulated)

    def time(self) -> float:
        """Return the simulated time in seconds."""
        return self._simulated.now


class LoopClock(SystemClock):
    """A client's clock that reads the time of a simulated loop; sleeping is the loop's own."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        """Return the simulated time in seconds."""
        return self._loop.time()


class Service:
    """Tasks that end at given times, with the declared query limit and statistics."""

    def __init__(self, ends: dict[str, float]) -> None:
        self.ends = ends
        self._recent: deque[float] = deque()
        self.polls = 0
        self.refused = 0
        self.delays: list[float] = []
        self.first = self.last = 0.0

    def poll(self, task_id: str, now: float) -> bool | None:
        """Return whether a task has ended, or None for a query over the limit."""
        self.polls += 1
        self.first = self.first or now
        self.last = now
        while self._recent and self._recent[0] <= now - QUERIES.window:
            self._recent.popleft()
        if len(self._recent) >= QUERIES.limit:
            self.refused += 1
            return None
        self._recent.append(now)
        return now >= self.ends[task_id]

    @property
    def span(self) -> float:
        """Return the seconds from the first query to the last."""
        return self.last - self.first

    def record_notice(self, task_id: str, now: float) -> None:
        """Record when the caller learned of the task's end."""
        self.delays.append(now - self.ends[task_id])

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Reply to a query of the real client."""
        loop = asyncio.get_running_loop()
        task_id = request.url.params["taskId"]
        await asyncio.sleep(LATENCY / 2)
        ended = self.poll(task_id, loop.time())
        await asyncio.sleep(LATENCY / 2)
        return httpx.Response(200, content=REFUSED if ended is None else record(task_id, ended=ended))


REFUSED = json.dumps({"code": 429, "msg": "Rate limit exceeded", "data": None}).encode()


def record(task_id: str, *, ended: bool) -> bytes:
    """Return the reply to a query, with the ten members that every recorded reply has."""
    urls = json.dumps({"resultUrls": ["https://tempfile.aiquickdraw.com/v/1.png"]})
    data = {
        "taskId": task_id,
        "model": "ideogram/character-edit",
        "state": "success" if ended else "generating",
        "param": json.dumps({"model": "ideogram/character-edit", "input": json.dumps({"prompt": "a hat"})}),
        "resultJson": urls if ended else "",
        "failCode": None,
        "failMsg": None,
        "costTime": 28 if ended else None,
        "completeTime": 1775638931662 if ended else None,
        "createTime": 1775638903000,
    }
    return json.dumps({"code": 200, "msg": "success", "data": data}).encode()


def poll_plainly(service: Service, every: float) -> None:
    """Simulate a plain loop that polls each task at a fixed interval."""
    # Loops that start at the same time stay synchronised. Spreading them favours the plain loop.
    ids = list(service.ends)
    heap = [(every * (number + 1) / len(ids), task_id) for number, task_id in enumerate(ids)]
    heapq.heapify(heap)
    while heap:
        at, task_id = heap[0]
        if service.poll(task_id, at + LATENCY / 2):
            heapq.heappop(heap)
            service.record_notice(task_id, at + LATENCY)
        else:
            heapq.heapreplace(heap, (at + LATENCY + every, task_id))
