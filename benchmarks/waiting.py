"""Measure how late the end of a task is noticed, the number of polls, and the cost of a waiting task."""

import asyncio
import gc
import random
import statistics
import time
import tracemalloc
from math import inf
from typing import Any

import httpx

from benchmarks.measure import judged, limits, table
from benchmarks.server import serving
from benchmarks.simulation import LATENCY, QUERIES, Loop, LoopClock, Service, poll_plainly, record
from kie_ideogram import AsyncKie
from kie_ideogram._runtime.core.clock import Environment

COUNTS = (1, 100, 1_000, 10_000)
EVERY = 3.0
"""Interval of the plain loop in seconds, as in published clients."""

SHORTEST, LONGEST = 12.0, 112.0
"""Range of the durations of recorded image tasks, in seconds."""

RUNS_OF_ONE = 200
AIMS = {"awaited": 1500.0, "shared": 250.0}
"""Bytes of a waiting task, when as many wait as in the last row."""

FLOOD = 10_000
FLOOD_RATE = 200
KEY = "benchmark"


def durations(count: int, seed: int) -> dict[str, float]:
    """Return the end times of `count` tasks that all begin at 0."""
    generator = random.Random(seed)  # noqa: S311 # the seed gives the same tasks in every run
    return {f"{number:032x}": generator.uniform(SHORTEST, LONGEST) for number in range(count)}


def ours(service: Service, ids: list[str]) -> float:
    """Wait for the tasks with the real asyncio client. Return the CPU seconds."""
    loop = Loop()

    async def main() -> None:
        transport = httpx.MockTransport(service.answer)
        environment = Environment(LoopClock(loop))
        async with (
            httpx.AsyncClient(transport=transport) as http,
            AsyncKie(KEY, http_client=http, _environment=environment) as kie,
        ):
            fresh = [kie._context.make_task(task_id, {}, loop.time()) for task_id in ids]
            async for task in kie.tasks.settled(fresh, inf):
                service.record_notice(task.id, loop.time())

    start = time.process_time()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    return time.process_time() - start


def _delays() -> None:
    rows = []
    for count in COUNTS:
        runs = RUNS_OF_ONE if count == 1 else 1
        for name in ("plain", "ours"):
            delays, polls, refused, spent = list[float](), 0, 0, 0.0
            for run in range(runs):
                ends = durations(count, run)
                service = Service(ends)
                if name == "ours":
                    spent += ours(service, list(ends))
                else:
                    poll_plainly(service, EVERY)
                assert len(service.delays) == count, "every task must finish"
                delays += service.delays
                polls += service.polls
                refused += service.refused
            rows.append(
                (
                    count,
                    name,
                    f"{statistics.mean(delays):.2f}",
                    f"{_p95(delays):.2f}",
                    f"{max(delays):.1f}",
                    f"{polls / count / runs:.1f}",
                    f"{refused / polls:.1%}",
                    f"{1e3 * spent / count / runs:.2f}" if spent else "-",
                )
            )
    head = ("tasks", "loop", "mean delay s", "p95", "worst", "polls/task", "refused", "CPU ms/task")
    table(
        f"Delay between a task's end and its notice, in simulated time: all tasks start together and take "
        f"{SHORTEST:.0f} to {LONGEST:.0f} s, replies after {LATENCY} s, "
        f"{QUERIES.limit} queries in {QUERIES.window:.0f} s",
        head,
        rows,
    )


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


async def _reply_pending(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=record(request.url.params["taskId"], ended=False))


async def _poll_at_intervals(http: httpx.AsyncClient, task_id: str) -> None:
    while True:
        reply = await http.get("https://api.kie.ai/api/v1/jobs/recordInfo", params={"taskId": task_id})
        if reply.json()["data"]["state"] == "success":
            return
        await asyncio.sleep(EVERY)


def bytes_per_task(kind: str, count: int) -> float:
    """Return the bytes per task while `count` tasks wait for their next poll."""
    return asyncio.run(_measure_memory(kind, count))


async def _measure_memory(kind: str, count: int) -> float:
    http = httpx.AsyncClient(transport=httpx.MockTransport(_reply_pending))
    async with http, AsyncKie(KEY, http_client=http) as kie:
        tasks = [kie._context.make_task(f"{number:032x}", {}, None) for number in range(count)]

        async def shared() -> None:
            async for _ in kie.tasks.settled(tasks, inf):
                pass

        # Objects that the client creates only once are created before the measurement.
        await kie.tasks.get(tasks[0].id)
        await http.get("https://api.kie.ai/", params={"taskId": tasks[0].id})
        tracemalloc.start()
        waiting: list[asyncio.Future[Any]]
        if kind == "plain":
            waiting = [asyncio.ensure_future(_poll_at_intervals(http, task.id)) for task in tasks]
        elif kind == "awaited":
            waiting = [asyncio.ensure_future(task.wait(inf)) for task in tasks]
        else:
            waiting = [asyncio.ensure_future(shared())]
        # After this second, each plain loop has polled once. The rate limit delays the polls of our client.
        await asyncio.sleep(1.0)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return held / count


def _costs() -> None:
    kinds = ("plain", "awaited", "shared")
    rows = []
    for count in COUNTS[1:]:
        found = {kind: bytes_per_task(kind, count) for kind in kinds}
        aims = [judged(found[kind], most) for kind, most in AIMS.items()] if count == COUNTS[-1] else []
        rows.append((count, *(f"{found[kind]:,.0f}" for kind in kinds), *(aims or ("", ""))))
    head = (
        "tasks",
        "plain loops, with their last reply",
        "awaited one by one",
        "one shared poller",
        *(f"aim, {kind}" for kind in AIMS),
    )
    table("Memory of a waiting task, bytes", head, rows)


async def _flood(url: str) -> tuple[float, float]:
    async with AsyncKie(KEY, base_url=url, upload_base_url=url) as kie:
        start, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(kie.tasks.get(f"{number:032x}") for number in range(FLOOD)))
        return time.perf_counter() - start, time.process_time() - spent


def _floods() -> None:
    """Measure a flood of polls with a raised limit. The declared limit would need 17 minutes."""
    limit = QUERIES._replace(limit=FLOOD_RATE)
    with limits(limit), serving() as url:
        elapsed, spent = asyncio.run(_flood(url))
    budget = FLOOD * (limit.window + limit.margin) / limit.limit
    row = (FLOOD, f"{budget:.1f}", f"{elapsed:.1f}", f"{elapsed / budget:.2f}", f"{1e3 * spent / FLOOD:.2f}")
    head = ("polls", "budget s", "elapsed s", "elapsed/budget", "CPU ms/poll")
    table(f"A flood of simultaneous polls, in real time, at most {FLOOD_RATE} per second", head, [row])


def main() -> None:
    """Print delays, polls, memory per task and the flood of polls."""
    _delays()
    _costs()
    _floods()


if __name__ == "__main__":
    main()
