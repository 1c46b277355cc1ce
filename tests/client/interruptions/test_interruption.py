"""Submissions interrupted at critical lines: no paid task is lost, no unpaid one blocks its key."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram._runtime.journal.journal import Journal
from tests.client.conftest import CREATE, EDIT, PAGE_ANSWER, TASK_ID, Client, refused

KEY = "order-17"

# Interrupts a method of the journal during the call or directly after it.
Interrupt = Callable[[str], BaseException]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


class ObservedJournal(Journal):
    """A journal that hands its operations to `observe`, with their names, which performs them."""

    observe: Callable[[str, Callable[[], Any]], Any] = staticmethod(lambda name, operation: operation())

    def claim(self, *given: Any, **named: Any) -> Any:
        return self.observe("claim", partial(super().claim, *given, **named))

    def conclude(self, *given: Any, **named: Any) -> Any:
        return self.observe("conclude", partial(super().conclude, *given, **named))

    def _update(self, *given: Any, **named: Any) -> Any:
        return self.observe(f"update to {given[1].state}", partial(super()._update, *given, **named))


@pytest.fixture
def kie(client: Client, path: Path, httpx_mock: HTTPXMock) -> Any:
    return client.make(journal=client.journal(path, ObservedJournal))


def order(client: Client, kie: Any) -> Any:
    return client.do(kie.character_edit.create(**EDIT, idempotency_key=KEY))


@pytest.fixture
def interrupted(client: Client, kie: Any) -> Interrupt:
    """Submit with Ctrl-C (or a cancellation) in a method of the journal; return the exception."""
    journal = kie._session.journal

    def blocking(method: str) -> BaseException:
        left = [method]

        def observe(name: str, operation: Callable[[], Any]) -> Any:
            done = operation()
            if name in left:
                left.remove(name)
                raise KeyboardInterrupt
            return done

        journal.observe = observe
        with pytest.raises(KeyboardInterrupt) as caught:
            order(client, kie)
        return caught.value

    async def awaiting(method: str) -> BaseException:
        left = [method]
        loop, arrived = asyncio.get_running_loop(), threading.Event()

        def cancel() -> None:
            task.cancel()
            arrived.set()

        def observe(name: str, operation: Callable[[], Any]) -> Any:
            if name in left:
                left.remove(name)
                loop.call_soon_threadsafe(cancel)
                assert arrived.wait(10)
            return operation()

        journal.observe = observe
        task = asyncio.ensure_future(kie.character_edit.create(**EDIT, idempotency_key=KEY))
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value

    def interrupt(method: str) -> BaseException:
        error = client.do(awaiting(method)) if client.is_async else blocking(method)
        assert isinstance(error, BaseException)
        return error

    return interrupt


def state(kie: Any) -> Any:
    submission = kie._session.journal.find(kie._session.server, idempotency_key=KEY)
    return submission and submission.state


def test_interruption_before_sending_leaves_the_key_unused(
    client: Client, kie: Any, interrupted: Interrupt, httpx_mock: HTTPXMock
) -> None:
    interrupted("claim")
    assert state(kie) == "pending"
    assert client.do(kie.unknown()) == []
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    assert order(client, kie).id == TASK_ID


def test_interruption_while_recording_stores_the_task(
    client: Client, kie: Any, interrupted: Interrupt, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    (note,) = interrupted("conclude").__notes__
    assert f"task {TASK_ID} was created and is paid for" in note
    assert [task.id for task in client.do(kie.resume())] == [TASK_ID]
    assert order(client, kie).id == TASK_ID
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize("journal", [False, True])
def test_interruption_while_logging_names_the_task(
    client: Client, kie: Any, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, journal: bool
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)

    def interrupt(record: logging.LogRecord) -> bool:
        if "created" in record.getMessage():
            raise KeyboardInterrupt
        return True

    caplog.set_level(logging.INFO, "kie_ideogram")
    caplog.handler.addFilter(interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        order(client, kie) if journal else client.create()
    caplog.handler.removeFilter(interrupt)
    (note,) = caught.value.__notes__
    assert f"task {TASK_ID} was created and is paid for" in note


def test_interruption_while_recording_a_refusal_is_refused(
    client: Client, kie: Any, interrupted: Interrupt, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(402))
    interrupted("conclude")
    assert state(kie) == "refused"


@pytest.mark.parametrize("client", [AsyncKie], indirect=True, ids=["async"])
@pytest.mark.parametrize("answer", ["lost", "refused", "accepted"])
def test_outcome_is_not_recorded_in_the_event_loop(
    client: Client, kie: Any, httpx_mock: HTTPXMock, answer: str
) -> None:
    if answer == "lost":
        httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
    else:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER if answer == "accepted" else refused(402))
    threads = list[threading.Thread]()

    def observe(name: str, operation: Callable[[], Any]) -> Any:
        if name == "conclude":
            threads.append(threading.current_thread())
        return operation()

    kie._session.journal.observe = observe
    with suppress(errors.KieError):
        order(client, kie)
    assert len(threads) == 1
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("client", [Kie], indirect=True, ids=["sync"])
class TestInterruptedTransaction:
    """The transaction is rolled back. Blocking only: an awaited transaction is not interrupted."""

    @pytest.fixture
    def put(self, client: Client, kie: Any) -> Callable[[str, int], None]:
        """Raise Ctrl-C the given number of times while a submission gets a state."""

        def arm(state: str, times: int) -> None:
            left = [f"update to {state}"] * times

            def observe(name: str, operation: Callable[[], Any]) -> Any:
                if name in left:
                    left.remove(name)
                    raise KeyboardInterrupt
                return operation()

            kie._session.journal.observe = observe

        return arm

    def test_interrupted_claim_leaves_the_key_unused(
        self, client: Client, kie: Any, put: Callable[[str, int], None], httpx_mock: HTTPXMock
    ) -> None:
        put("sending", 1)
        with pytest.raises(KeyboardInterrupt):
            order(client, kie)
        assert state(kie) is None
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        assert order(client, kie).id == TASK_ID

    def test_interrupted_recording_stores_the_task(
        self, client: Client, kie: Any, put: Callable[[str, int], None], httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        put("accepted", 1)
        with pytest.raises(KeyboardInterrupt) as caught:
            order(client, kie)
        assert TASK_ID in caught.value.__notes__[0]
        assert [task.id for task in client.do(kie.resume())] == [TASK_ID]

    @pytest.mark.parametrize("first", ["order", "report", "next process"])
    def test_recording_interrupted_twice_stores_the_task(
        self,
        client: Client,
        kie: Any,
        put: Callable[[str, int], None],
        httpx_mock: HTTPXMock,
        path: Path,
        first: str,
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        put("accepted", 2)
        with pytest.raises(KeyboardInterrupt):
            order(client, kie)
        assert state(kie) == "sending"
        # It is not being sent any more, so no caller waits for its outcome.
        if first == "report":
            assert [one.idempotency_key for one in client.do(kie.unknown())] == [KEY]
        if first == "next process":
            client.do(kie.close())
            assert [task.id for task in client.do(client.make(journal=path).resume())] == [TASK_ID]
        else:
            assert order(client, kie).id == TASK_ID
        assert len(httpx_mock.get_requests()) == 1
