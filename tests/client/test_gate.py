"""Threads before the connections: one after the other while answers come at once, side by side when not."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kie_ideogram._runtime.core.effects import CONCURRENCY
from kie_ideogram._runtime.http.transport import concurrency as module
from kie_ideogram._runtime.http.transport.concurrency import ConcurrencyLimiter

LONG = 60.0


def test_who_has_the_turn_goes_at_once_and_nobody_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START", LONG)
    gate = ConcurrencyLimiter()
    went: list[str] = []
    assert gate.enter(LONG) is True

    def second() -> None:
        turn = gate.enter(LONG)
        went.append("second")
        assert turn is True
        gate.leave(turn)

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.05)
    went.append("first")
    gate.leave(True)
    thread.join(LONG)
    assert went == ["first", "second"]


def test_slow_answers_do_not_hold_the_others_back() -> None:
    gate = ConcurrencyLimiter()
    inside = threading.Barrier(CONCURRENCY)

    def call() -> bool | None:
        turn = gate.enter(LONG)
        assert turn is not None
        inside.wait(LONG)  # nobody's answer comes before all of them are on their way
        gate.leave(turn)
        return turn

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        turns = [future.result() for future in [pool.submit(call) for _ in range(CONCURRENCY)]]
    assert turns.count(True) == 1


def test_no_more_than_so_many_are_let_through() -> None:
    gate = ConcurrencyLimiter()
    turns = [gate.enter(LONG) for _ in range(CONCURRENCY)]
    assert None not in turns
    assert gate.enter(0.01) is None
    gate.leave(turns.pop() or False)
    assert gate.enter(0.01) is not None


def test_whoever_gave_up_leaves_the_turn_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONCURRENCY", 2)
    gate = ConcurrencyLimiter()
    assert (gate.enter(LONG), gate.enter(LONG)) == (True, False)
    places, late = gate._places, threading.Event()

    class Places:
        def acquire(self, timeout: float) -> bool:
            late.set()  # its head start is over: it waits for a place
            return places.acquire(timeout=timeout)

    monkeypatch.setattr(gate, "_places", Places())
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(gate.enter, LONG)
        assert late.wait(LONG)
        monkeypatch.setattr(gate, "_places", places)
        gate.leave(True)
        assert third.result() is False
    assert gate.enter(0.01) is None  # both places are taken, and nobody has the turn
    gate.leave(False)
    assert gate.enter(0.01) is True


def test_an_interrupted_wait_leaves_the_turn_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = ConcurrencyLimiter()
    places = gate._places

    class Interrupted:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    monkeypatch.setattr(gate, "_places", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        gate.enter(LONG)
    monkeypatch.setattr(gate, "_places", places)
    assert gate.enter(0.01) is True
