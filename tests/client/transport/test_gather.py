"""Several flows at once in the threads of the blocking transport."""

import threading

import pytest

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.clock import SystemClock
from kie_ideogram._runtime.core.effects import Flow, Gather, RunBlocking
from kie_ideogram._runtime.http.transport.blocking import SyncTransport


def test_interrupted_gather_continues_no_flow() -> None:
    class InterruptedClock(SystemClock):
        def wait(self, event: threading.Event, seconds: float) -> None:
            raise KeyboardInterrupt

    interrupted, ended = threading.Event(), threading.Semaphore(0)
    seen: list[OSError] = []

    def fail() -> None:
        interrupted.wait(30)
        raise OSError("its connection was closed")

    def flow() -> Flow[None]:
        try:
            yield RunBlocking(fail)
        except OSError as error:
            seen.append(error)
        finally:
            ended.release()

    def gathered() -> Flow[None]:
        yield Gather([flow(), flow()])

    with pytest.raises(KeyboardInterrupt):
        SyncTransport(CONTRACT.timeouts, None, InterruptedClock()).run(gathered())
    interrupted.set()
    assert ended.acquire(timeout=30)
    assert ended.acquire(timeout=30)
    assert not seen
