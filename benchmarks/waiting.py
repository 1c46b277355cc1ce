"""Waiting for tasks: how late an end is noticed, how many polls it takes, and what a waiting task costs."""

import asyncio
import gc
import random
import statistics
import time
import tracemalloc
from math import inf
from typing import Any

import httpx

from benchmarks.measure import limits, table
from benchmarks.server import serving
from benchmarks.simulation import LATENCY, QUERIES, Loop, Service, plain, record
from kie_ideogram import AsyncKie
from kie_ideogram._runtime.http.session import Session

COUNTS = (1, 100, 1_000, 10_000)
EVERY = 3.0
"""The plain loop's interval, seconds; what clients in the field do."""

SHORTEST, LONGEST = 12.0, 112.0
"""How long recorded image tasks took, seconds."""

RUNS_OF_ONE = 200
FLOOD = 10_000
FLOOD_RATE = 200
KEY = "benchmark"


def durations(count: int, seed: int) -> dict[str, float]:
    """When each of so many tasks ends that begin at 0."""
    chance = random.Random(seed)  # noqa: S311 # for the same tasks in every run
    return {f"{number:032x}": chance.uniform(SHORTEST, LONGEST) for number in range(count)}


def ours(service: Service, ids: list[str]) -> float:
    """Let the real asyncio client wait for the tasks; returns the CPU seconds that it took."""
    loop = Loop()

    async def main() -> None:
        transport = httpx.MockTransport(service.answer)
        async with httpx.AsyncClient(transport=transport) as http, AsyncKie(KEY, http_client=http) as kie:
            # The client's clock is the loop's.
            fresh = [kie._context.make_task(task_id, {}, loop.time()) for task_id in ids]
            async for task in kie.tasks.settled(fresh, inf):
                service.noticed(task.id, loop.time())

    defaults = Session.__init__.__defaults__
    assert defaults
    Session.__init__.__defaults__ = (*defaults[:2], loop.time, *defaults[3:])
    start = time.process_time()
    try:
        loop.run_until_complete(main())
    finally:
        Session.__init__.__defaults__ = defaults
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
                    plain(service, EVERY)
                assert len(service.delays) == count, "all settle"
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
        f"Delay between a task's end and its notice, simulated time: all begun at once, {SHORTEST:.0f} to "
        f"{LONGEST:.0f} s long, replies after {LATENCY} s, {QUERIES.limit} queries in {QUERIES.window:.0f} s",
        head,
        rows,
    )


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


async def _never(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=record(request.url.params["taskId"], ended=False))


async def _poll_plainly(http: httpx.AsyncClient, task_id: str) -> None:
    while True:
        reply = await http.get("https://api.kie.ai/api/v1/jobs/recordInfo", params={"taskId": task_id})
        if reply.json()["data"]["state"] == "success":
            return
        await asyncio.sleep(EVERY)


def bytes_each(kind: str, count: int) -> float:
    """Memory that each of so many waiting tasks holds once all of them rest."""
    return asyncio.run(_rested(kind, count))


async def _rested(kind: str, count: int) -> float:
    http = httpx.AsyncClient(transport=httpx.MockTransport(_never))
    async with http, AsyncKie(KEY, http_client=http) as kie:
        tasks = [kie._context.make_task(f"{number:032x}", {}, None) for number in range(count)]

        async def shared() -> None:
            async for _ in kie.tasks.settled(tasks, inf):
                pass

        # What is made once, whoever waits, is made before.
        await kie.tasks.get(tasks[0].id)
        await http.get("https://api.kie.ai/", params={"taskId": tasks[0].id})
        tracemalloc.start()
        waiting: list[asyncio.Future[Any]]
        if kind == "plain":
            waiting = [asyncio.ensure_future(_poll_plainly(http, task.id)) for task in tasks]
        elif kind == "awaited":
            waiting = [asyncio.ensure_future(task.wait(inf)) for task in tasks]
        else:
            waiting = [asyncio.ensure_future(shared())]
        # All have been asked once, in the plain loop; the others may not ask so often.
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
    rows = [(count, *(f"{bytes_each(kind, count):,.0f}" for kind in kinds)) for count in COUNTS[1:]]
    head = ("tasks", "plain loops, with their last reply", "awaited one by one", "one shared schedule")
    table("Memory of a waiting task, bytes", head, rows)


async def _flood(url: str) -> tuple[float, float]:
    async with AsyncKie(KEY, base_url=url) as kie:
        start, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(kie.tasks.get(f"{number:032x}") for number in range(FLOOD)))
        return time.perf_counter() - start, time.process_time() - spent


def _floods() -> None:
    """The limit is raised, or this would take as long as the budget for so many polls: 17 minutes."""
    limit = QUERIES._replace(limit=FLOOD_RATE)
    with limits(limit), serving() as url:
        taken, spent = asyncio.run(_flood(url))
    budget = FLOOD * (limit.window + limit.margin) / limit.limit
    row = (FLOOD, f"{budget:.1f}", f"{taken:.1f}", f"{taken / budget:.2f}", f"{1e3 * spent / FLOOD:.2f}")
    head = ("polls", "budget s", "taken s", "taken/budget", "CPU ms/poll")
    table(f"A flood of simultaneous polls, real time, at most {FLOOD_RATE} a second", head, [row])


def main() -> None:
    """Print delays, polls, memory and the flood."""
    _delays()
    _costs()
    _floods()


if __name__ == "__main__":
    main()
