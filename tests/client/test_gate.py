"""Threads before the connections: one after the other while answers come at once, side by side when not."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY
from kie_ideogram._runtime.http.transport import concurrency as module
from kie_ideogram._runtime.http.transport.concurrency import ConcurrencyLimiter

LONG = 60.0


def test_who_has_the_turn_goes_at_once_and_nobody_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START", LONG)
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    went: list[str] = []
    assert limiter.enter(LONG) is True

    def second() -> None:
        turn = limiter.enter(LONG)
        went.append("second")
        assert turn is True
        limiter.leave(turn)

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.05)
    went.append("first")
    limiter.leave(True)
    thread.join(LONG)
    assert went == ["first", "second"]


def test_slow_answers_do_not_hold_the_others_back() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    inside = threading.Barrier(CONCURRENCY)

    def call() -> bool | None:
        turn = limiter.enter(LONG)
        assert turn is not None
        inside.wait(LONG)  # nobody's answer comes before all of them are on their way
        limiter.leave(turn)
        return turn

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        turns = [future.result() for future in [pool.submit(call) for _ in range(CONCURRENCY)]]
    assert turns.count(True) == 1


def test_no_more_than_so_many_are_let_through() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    turns = [limiter.enter(LONG) for _ in range(CONCURRENCY)]
    assert None not in turns
    assert limiter.enter(0.01) is None
    limiter.leave(turns.pop() or False)
    assert limiter.enter(0.01) is not None


def test_whoever_gave_up_leaves_the_turn_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONCURRENCY", 2)
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    assert (limiter.enter(LONG), limiter.enter(LONG)) == (True, False)
    places, late = limiter._slots, threading.Event()

    class Places:
        def acquire(self, timeout: float) -> bool:
            late.set()  # its head start is over: it waits for a place
            return places.acquire(timeout=timeout)

    monkeypatch.setattr(limiter, "_slots", Places())
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(limiter.enter, LONG)
        assert late.wait(LONG)
        monkeypatch.setattr(limiter, "_slots", places)
        limiter.leave(True)
        assert third.result() is False
    assert limiter.enter(0.01) is None  # both places are taken, and nobody has the turn
    limiter.leave(False)
    assert limiter.enter(0.01) is True


def test_an_interrupted_wait_leaves_the_turn_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)
    places = limiter._slots

    class Interrupted:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    monkeypatch.setattr(limiter, "_slots", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        limiter.enter(LONG)
    monkeypatch.setattr(limiter, "_slots", places)
    assert limiter.enter(0.01) is True
