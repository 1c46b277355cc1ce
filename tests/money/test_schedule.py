"""Many waiting tasks share the query budget: measured with the real client, in simulated time."""

import asyncio
import random
import threading
from collections.abc import Callable
from math import inf
from typing import Any

import httpx
import pytest

from benchmarks.simulation import LATENCY, QUERIES, Loop, LoopClock, Service, poll_plainly, record
from benchmarks.waiting import durations, ours
from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.clock import Environment
from tests.money.support import HURRIED

KEY = "k"
RUNS = 150


def one_at_a_time(loop: Callable[[Service], object]) -> tuple[int, float]:
    """Return the polls and the mean delay of a loop that waits for one task at a time."""
    services = [Service(durations(1, run)) for run in range(RUNS)]
    for service in services:
        loop(service)
    return sum(one.polls for one in services), sum(sum(one.delays) for one in services) / RUNS


def test_one_task_is_noticed_sooner_than_by_a_plain_loop() -> None:
    # Jitter is random: over 150 tasks the figures differ by some percent from seed to seed.
    random.seed(1)
    polls, late = one_at_a_time(lambda service: ours(service, list(service.ends)))
    assert late <= one_at_a_time(lambda service: poll_plainly(service, 3.0))[1] / 2
    # A plain loop notices after half a round (interval and reply) and half a reply.
    equal, _ = one_at_a_time(lambda service: poll_plainly(service, 2 * late - 2 * LATENCY))
    assert polls <= equal


@pytest.fixture(scope="module")
def thousand() -> Service:
    """Return the service after one process has waited for 1,000 tasks that began together."""
    ends = durations(1000, 7)
    service = Service(ends)
    ours(service, list(ends))
    return service


def test_1000_tasks_cause_no_refusal(thousand: Service) -> None:
    assert thousand.refused == 0


def test_1000_tasks_are_all_noticed_within_one_cycle(thousand: Service) -> None:
    # The budget allows one poll of each task every 105 s, so none is noticed later than that.
    cycle = 1000 * (QUERIES.window + QUERIES.margin) / QUERIES.limit
    assert len(thousand.delays) == 1000
    assert max(thousand.delays) <= cycle + 1


def test_1000_tasks_are_noticed_sooner_than_by_plain_loops(
    thousand: Service,
) -> None:
    other = Service(durations(1000, 7))
    poll_plainly(other, 3.0)
    assert sum(thousand.delays) < sum(other.delays)
    assert thousand.polls < other.polls / 10


def test_1000_tasks_use_95_percent_of_the_query_budget(thousand: Service) -> None:
    # Between the first poll and the final one, almost no slot is unused.
    assert thousand.polls / (thousand.span * QUERIES.limit / (QUERIES.window + QUERIES.margin)) > 0.95


async def never(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=record(request.url.params["taskId"], ended=False))


@pytest.mark.parametrize(("how", "most"), [("shared", 400), ("awaited", 2200)])
def test_waiting_task_uses_little_memory(how: str, most: int) -> None:
    from benchmarks.waiting import bytes_per_task

    assert bytes_per_task(how, 2000) <= most


def simulated(service: Any, wait: Any) -> Any:
    """Run a wait on the clock of a simulated event loop."""
    loop = Loop()

    async def main() -> Any:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(service.answer)) as http,
            AsyncKie(KEY, http_client=http, _environment=Environment(LoopClock(loop))) as kie,
        ):
            return await wait(kie, loop)

    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def test_waits_end_at_the_deadline_without_query_budget() -> None:
    service = Service({f"{number}": inf for number in range(500)})

    async def wait(kie: AsyncKie, loop: asyncio.AbstractEventLoop) -> list[Any]:
        tasks = [kie._context.make_task(f"{number}", {}, None) for number in range(500)]

        async def one(task: Any) -> float:
            with pytest.raises(errors.TaskTimeoutError) as caught:
                await task.wait(20)
            assert caught.value.task_id == task.id
            return loop.time()

        return await asyncio.gather(*map(one, tasks))

    # One more poll may begin at the deadline. The other waits end within two seconds of it.
    assert all(20 <= at <= 23 for at in simulated(service, wait))
    assert service.refused == 0


class Stalling(Service):
    """Takes 25 seconds to answer for one of its tasks."""

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.params["taskId"] == "slow":
            await asyncio.sleep(25)
        return await super().answer(request)


def test_slow_reply_for_another_task_does_not_delay_a_timeout() -> None:
    async def wait(kie: AsyncKie, loop: asyncio.AbstractEventLoop) -> float:
        async def short() -> float:
            with pytest.raises(errors.TaskTimeoutError):
                await kie.tasks.wait("quick", timeout=3)
            return loop.time()

        first = asyncio.ensure_future(short())
        await asyncio.sleep(0.3)
        other = asyncio.ensure_future(kie.tasks.wait("slow", timeout=60))
        ended = await first
        other.cancel()
        return ended

    # A poll that begins at the deadline gets one more second.
    assert simulated(Stalling({"quick": inf, "slow": inf}), wait) <= 5


def test_cancelled_wait_does_not_stop_the_others() -> None:
    service = Service({"a": 30.0, "b": 40.0, "c": 50.0})

    async def wait(kie: AsyncKie, loop: asyncio.AbstractEventLoop) -> list[str]:
        waits = {name: asyncio.ensure_future(kie.tasks.wait(name)) for name in "abc"}
        await asyncio.sleep(5)
        waits["a"].cancel()  # it waited first, so it was the leader that polls for all
        await asyncio.sleep(5)
        return [task.id for task in await asyncio.gather(waits["b"], waits["c"])]

    assert simulated(service, wait) == ["b", "c"]


def test_callback_ends_a_wait_after_one_query() -> None:
    ends = {"a": 100.0}
    service = Service(ends)

    async def wait(kie: AsyncKie, loop: asyncio.AbstractEventLoop) -> tuple[float, int]:
        task = asyncio.ensure_future(kie.tasks.wait("a"))
        await asyncio.sleep(15)
        polls = service.polls
        ends["a"] = loop.time()
        await kie.notify("a")
        await task
        return loop.time() - ends["a"], service.polls - polls

    late, polls = simulated(service, wait)
    # One query confirms the callback, and the wait ends when its reply arrives.
    assert polls == 1
    assert late == pytest.approx(LATENCY, abs=0.11)


def test_settled_yields_ended_tasks_then_raises() -> None:
    service = Service({"a": 10.0, "b": inf})

    async def wait(kie: AsyncKie, loop: asyncio.AbstractEventLoop) -> list[str]:
        seen: list[str] = []

        async def collect() -> None:
            async for task in kie.tasks.settled(["a", "b"], 60):
                seen.append(task.id)  # noqa: PERF401 # the list must survive the error

        with pytest.raises(errors.TaskTimeoutError):
            await collect()
        return seen

    assert simulated(service, wait) == ["a"]


@pytest.mark.parametrize("when", ["between polls", "during a poll"])
def test_callback_ends_a_wait_of_another_thread(when: str) -> None:
    # One poll at the start, and the next after an hour.
    wait = CONTRACT.workflow.wait._replace(schedule=((0.0, 3600.0),))
    workflow = CONTRACT.workflow._replace(wait=wait)
    environment = Environment(contract=CONTRACT._replace(workflow=workflow))
    polled, ended = threading.Event(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        reply = httpx.Response(200, content=record("a", ended=ended.is_set()))
        if when == "during a poll" and not polled.is_set():
            ended.set()
            kie.notify("a")  # the pending reply still has the earlier state
        polled.set()
        return reply

    returned: list[str] = []
    transport = httpx.MockTransport(answer)
    with (
        httpx.Client(transport=transport) as http,
        Kie(KEY, http_client=http, _environment=environment) as kie,
    ):
        thread = threading.Thread(target=lambda: returned.append(kie.tasks.wait("a", 40).id), daemon=True)
        thread.start()
        assert polled.wait(20)
        if when == "between polls":
            ended.set()
            kie.notify("a")
        thread.join(20)
    assert returned == ["a"]


class TestThreads:
    """Threads share one poller, in real time, with shorter intervals and a higher limit."""

    @pytest.fixture
    def service(self) -> Any:
        asked: dict[str, int] = {}
        lock = threading.Lock()

        def answer(request: httpx.Request) -> httpx.Response:
            task_id = request.url.params["taskId"]
            with lock:
                asked[task_id] = asked.get(task_id, 0) + 1
                ended = asked[task_id] > 3
            return httpx.Response(200, content=record(task_id, ended=ended))

        transport = httpx.MockTransport(answer)
        with (
            httpx.Client(transport=transport) as http,
            Kie(KEY, http_client=http, _environment=HURRIED) as kie,
        ):
            yield kie

    def test_waits_of_50_threads_all_return(self, service: Kie) -> None:
        returned: list[str] = []
        threads = [
            threading.Thread(target=lambda name=f"{n}": returned.append(service.tasks.wait(name, 60).id))
            for n in range(50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(returned) == sorted(f"{n}" for n in range(50))

    def test_settled_waits_for_100_tasks_without_a_thread_pool(self, service: Kie) -> None:
        names = [f"{n}" for n in range(100)]
        assert sorted(task.id for task in service.tasks.settled(names, 60)) == sorted(names)
        assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]
