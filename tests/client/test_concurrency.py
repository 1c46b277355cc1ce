"""The concurrency limiter: threads are admitted one by one if replies are fast, otherwise concurrently."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY
from kie_ideogram._runtime.http.transport import concurrency as module
from kie_ideogram._runtime.http.transport.concurrency import ConcurrencyLimiter

LONG = 60.0


def test_second_thread_waits_for_the_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START", LONG)
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    order: list[str] = []
    assert limiter.enter(LONG) is True

    def second() -> None:
        first = limiter.enter(LONG)
        order.append("second")
        assert first is True
        limiter.leave(first)

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.05)
    order.append("first")
    limiter.leave(True)
    thread.join(LONG)
    assert order == ["first", "second"]


def test_slow_replies_do_not_delay_other_threads() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    inside = threading.Barrier(CONCURRENCY)

    def call() -> bool | None:
        first = limiter.enter(LONG)
        assert first is not None
        inside.wait(LONG)  # no reply arrives before all threads have sent
        limiter.leave(first)
        return first

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        admitted = [future.result() for future in [pool.submit(call) for _ in range(CONCURRENCY)]]
    assert admitted.count(True) == 1


def test_at_most_eight_threads_are_admitted() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    admitted = [limiter.enter(LONG) for _ in range(CONCURRENCY)]
    assert None not in admitted
    assert limiter.enter(0.01) is None
    limiter.leave(admitted.pop() or False)
    assert limiter.enter(0.01) is not None


def test_thread_that_times_out_leaves_the_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONCURRENCY", 2)
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    assert (limiter.enter(LONG), limiter.enter(LONG)) == (True, False)
    slots, late = limiter._slots, threading.Event()

    class Slots:
        def acquire(self, timeout: float) -> bool:
            late.set()  # its head start is over: it waits for a slot
            return slots.acquire(timeout=timeout)

    monkeypatch.setattr(limiter, "_slots", Slots())
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(limiter.enter, LONG)
        assert late.wait(LONG)
        monkeypatch.setattr(limiter, "_slots", slots)
        limiter.leave(True)
        assert third.result() is False
    assert limiter.enter(0.01) is None  # both slots are taken, and no thread has the head start
    limiter.leave(False)
    assert limiter.enter(0.01) is True


def test_interrupted_thread_leaves_the_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    slots = limiter._slots

    class Interrupted:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    monkeypatch.setattr(limiter, "_slots", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        limiter.enter(LONG)
    monkeypatch.setattr(limiter, "_slots", slots)
    assert limiter.enter(0.01) is True
