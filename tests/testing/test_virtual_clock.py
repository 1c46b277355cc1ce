"""Virtual time: it jumps only when everything that uses it waits, and nothing polls in the meantime."""

import asyncio
import threading
import time
from collections.abc import Callable
from math import inf

import pytest

from kie_ideogram.testing import VirtualClock


def in_threads(*calls: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_waits_end_in_the_order_of_their_times() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    ended: list[tuple[float, float]] = []

    def sleep(seconds: float) -> None:
        client.sleep(seconds)
        ended.append((seconds, clock.now()))

    with clock.request():  # all of them wait before time jumps
        threads = [threading.Thread(target=sleep, args=[seconds]) for seconds in (30, 10, 20)]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        assert (ended, clock.now()) == ([], 0)
    for thread in threads:
        thread.join(30)
    assert ended == [(10, 10), (20, 20), (30, 30)]


def test_time_waits_for_a_thread_that_works() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    working = threading.Event()
    seen: list[float] = []

    def work() -> None:
        with client.work():
            working.set()
            time.sleep(0.1)
            seen.append(client.monotonic())
            client.sleep(5)
            seen.append(client.monotonic())

    def wait() -> None:
        working.wait()
        with client.work():
            client.sleep(900)

    in_threads(work, wait)
    assert seen == [0, 5]
    assert clock.now() == 900


def test_time_does_not_wait_for_a_thread_that_is_blocked_elsewhere() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    lock = threading.Event()

    def blocked() -> None:
        with client.work():
            lock.wait(30)

    def wait() -> None:
        client.sleep(900)
        lock.set()

    in_threads(blocked, wait)
    assert clock.now() == 900


def test_event_ends_a_wait_without_a_jump() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    event = threading.Event()

    def wait() -> None:
        client.wait(event, inf)
        event.clear()

    in_threads(wait, event.set)
    assert clock.now() == 0


def test_wait_of_next_to_no_time_advances() -> None:
    clock = VirtualClock()
    before = clock.now()
    clock.environment.clock.sleep(1e-12)
    assert clock.now() > before


def test_waiting_uses_no_cpu() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    event = threading.Event()
    with clock.request():
        thread = threading.Thread(target=client.wait, args=[event, 900])
        thread.start()
        before = time.process_time()
        time.sleep(0.5)
        used = time.process_time() - before
        event.set()
        thread.join(30)
    assert used < 0.1
    assert clock.now() == 0


def test_asyncio_tasks_end_in_the_order_of_their_times() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    ended: list[tuple[float, float]] = []

    async def sleep(seconds: float) -> None:
        for _ in range(50):
            await asyncio.sleep(0)  # is not waiting for the clock yet
        await client.async_sleep(seconds)
        ended.append((seconds, clock.now()))

    async def main() -> None:
        await asyncio.gather(sleep(30), sleep(10), sleep(20))

    asyncio.run(main())
    assert ended == [(10, 10), (20, 20), (30, 30)]


def test_cancelled_wait_does_not_advance_time() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock

    async def main() -> None:
        with clock.request():
            task = asyncio.create_task(client.async_sleep(900))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await client.async_sleep(5)

    asyncio.run(main())
    assert clock.now() == 5


def test_task_of_a_stopped_loop_continues_when_the_loop_runs_again() -> None:
    clock = VirtualClock(0)
    client = clock.environment.clock
    loop = asyncio.new_event_loop()
    task = loop.create_task(client.async_sleep(900))
    loop.run_until_complete(asyncio.sleep(0))
    client.sleep(5)  # a blocking client between two runs of the loop
    assert clock.now() == 5
    loop.run_until_complete(asyncio.wait_for(task, 30))
    assert clock.now() == 900
    loop.close()


def test_no_thread_is_left_when_nothing_waits() -> None:
    before = set(threading.enumerate())
    VirtualClock().environment.clock.sleep(10)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_failing_listener_does_not_block_waits() -> None:
    clock = VirtualClock(0)
    failures: list[object] = []
    hook, threading.excepthook = threading.excepthook, failures.append
    clock.listeners.append(lambda: 1 / 0)
    try:
        clock.environment.clock.sleep(5)
        clock.environment.clock.sleep(5)
    finally:
        threading.excepthook = hook
    assert clock.now() == 10
