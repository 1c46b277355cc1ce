"""The concurrency limiter: threads are admitted one by one if replies are fast, otherwise concurrently."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY
from kie_ideogram._runtime.http.transport.concurrency import Admission, ConcurrencyLimiter

LONG = 60.0


@pytest.fixture
def limiter() -> ConcurrencyLimiter:
    return ConcurrencyLimiter(SYSTEM_CLOCK)


def admitted(limiter: ConcurrencyLimiter, seconds: float = LONG) -> Admission | None:
    admission = Admission(limiter)
    return admission if admission.enter(seconds) else None


def test_second_thread_waits_for_the_head_start() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK, head_start=LONG)
    order: list[str] = []
    first = Admission(limiter)
    assert first.enter(LONG)

    def second() -> None:
        admission = Admission(limiter)
        assert admission.enter(LONG)
        order.append("second")
        assert admission.is_first
        admission.leave()

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.05)
    order.append("first")
    first.leave()
    thread.join(LONG)
    assert order == ["first", "second"]


def test_slow_replies_do_not_delay_other_threads(limiter: ConcurrencyLimiter) -> None:
    inside = threading.Barrier(CONCURRENCY)

    def call() -> bool:
        admission = Admission(limiter)
        assert admission.enter(LONG)
        first = admission.is_first
        inside.wait(LONG)  # no reply arrives before all threads have sent
        admission.leave()
        return first

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        firsts = [future.result() for future in [pool.submit(call) for _ in range(CONCURRENCY)]]
    assert firsts.count(True) == 1


def test_at_most_eight_threads_are_admitted(limiter: ConcurrencyLimiter) -> None:
    all_of_them = [admitted(limiter) for _ in range(CONCURRENCY)]
    assert None not in all_of_them
    assert admitted(limiter, 0.01) is None
    all_of_them.pop()
    assert admitted(limiter, 0.01) is not None


def test_leaving_twice_admits_one_thread(limiter: ConcurrencyLimiter) -> None:
    others = [admitted(limiter) for _ in range(CONCURRENCY - 1)]
    admission = Admission(limiter)
    assert admission.enter(LONG)
    admission.leave()
    admission.leave()
    assert limiter.slots.qsize() == 1
    assert limiter.first.qsize() <= 1
    assert None not in others


def test_thread_that_times_out_leaves_the_head_start() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK, concurrency=2)
    first, second, third = (Admission(limiter) for _ in range(3))
    assert first.enter(LONG)
    assert second.enter(LONG)
    assert (first.is_first, second.is_first) == (True, False)
    first.leave()
    first = Admission(limiter)
    assert first.enter(LONG)
    assert first.is_first
    assert not third.enter(0.05)  # both slots are taken
    third.leave()
    first.leave()
    fourth = Admission(limiter)
    assert fourth.enter(0.01)
    assert fourth.is_first


def test_thread_that_gave_up_is_not_counted_as_waiting(limiter: ConcurrencyLimiter) -> None:
    others = [admitted(limiter) for _ in range(CONCURRENCY)]
    assert admitted(limiter, 0.01) is None
    assert limiter.waiting == set()
    assert None not in others
