"""The wait for another caller that sends the same key is bounded. Known tasks do not wait."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.journal.journal import Journal
from tests.client.conftest import CREATE, EDIT, PAGE_ANSWER, QUERY, TASK_ID, Client, record, succeeded
from tests.client.journal.conftest import order, sent
from tests.clock import FakeClock
from tests.pictures.support import Files


@pytest.fixture
def stopped(client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock) -> Iterator[Journal]:
    """Return the journal of a process that runs but does not end its submission `order-17`."""
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    order(client, kie)
    other = Journal(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE submissions SET state = 'sending', task_id = NULL, process = ?",
            (other.process.name,),
        )
    yield other
    other.close()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")


class TestStoppedSender:
    def test_submission_behind_a_stopped_sender_times_out(
        self,
        client: Client,
        kie: Any,
        stopped: Journal,
        path: Path,
        clock: FakeClock,
        httpx_mock: HTTPXMock,
    ) -> None:
        begun = clock.now
        with pytest.raises(errors.CallTimeoutError, match=r"after 3 s.*order-17.*may be stopped") as caught:
            order(client, kie, timeout=3)
        assert f"{path}-locks/{stopped.process.name}" in str(caught.value)
        assert clock.now - begun <= 3
        assert len(sent(httpx_mock)) == 1

    def test_run_behind_a_stopped_sender_times_out(
        self, client: Client, kie: Any, stopped: Journal, clock: FakeClock, files: Files, path: Path
    ) -> None:
        def run(key: str) -> Any:
            return client.do(
                kie.character_edit.run(
                    prompt="a red scarf",
                    image=EDIT["image_url"],
                    mask=EDIT["mask_url"],
                    reference=EDIT["reference_image_urls"][0],
                    idempotency_key=key,
                    timeout=3,
                )
            )

        begun = clock.now
        with pytest.raises(errors.CallTimeoutError, match=r"order-17.*may be stopped"):
            run("order-17")
        assert clock.now - begun <= 3

    def test_submission_without_timeout_ends_at_the_deadline(
        self, client: Client, kie: Any, stopped: Journal, clock: FakeClock
    ) -> None:
        begun, longest = clock.now, CONTRACT.workflow.wait.deadline
        with pytest.raises(errors.CallTimeoutError, match=r"order-17.*may be stopped"):
            order(client, kie)
        assert longest <= clock.now - begun < longest + 10

    def test_long_wait_for_a_stopped_sender_is_logged_once(
        self, client: Client, kie: Any, stopped: Journal, caplog: pytest.LogCaptureFixture
    ) -> None:
        with pytest.raises(errors.CallTimeoutError):
            order(client, kie, timeout=4)
        assert caplog.text.count("still waiting") == 0
        with pytest.raises(errors.CallTimeoutError):
            order(client, kie, timeout=60)
        assert caplog.text.count("still waiting after 5 s: another caller is sending") == 1

    def test_stopped_sender_that_ends_leaves_it_unknown(
        self, client: Client, kie: Any, stopped: Journal
    ) -> None:
        stopped.close()
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie, timeout=3)


def test_known_submissions_use_no_slot_of_the_rate_limit(
    client: Client, kie: Any, clock: FakeClock, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    order(client, kie)
    before = len(clock.slept)
    for _ in range(500):
        assert order(client, kie).id == TASK_ID
    assert len(clock.slept) == before
    limiters = kie._session.rate_limiter
    httpx_mock.add_response(url=CREATE, json={"code": 200, "data": {"taskId": "second"}})
    clock.now += 60
    assert limiters.time_until_next(CONTRACT.workflow.creates[0]) == 0
    order(client, kie)
    assert limiters.time_until_next(CONTRACT.workflow.creates[0]) == 0
    order(client, kie, "order-18")
    assert limiters.time_until_next(CONTRACT.workflow.creates[0]) > 0


def test_unknown_submissions_use_no_slot_of_the_rate_limit(
    client: Client, kie: Any, clock: FakeClock, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=CREATE, json={"code": 501, "msg": "no", "data": None})
    for _ in range(3):
        clock.now += 60
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie)
    assert kie._session.rate_limiter.time_until_next(CONTRACT.workflow.creates[0]) == 0


class TestTimeoutZero:
    def run(self, client: Client, kie: Any) -> Any:
        return client.do(
            kie.character_edit.run(
                prompt="a red scarf",
                image=EDIT["image_url"],
                mask=EDIT["mask_url"],
                reference=EDIT["reference_image_urls"][0],
                idempotency_key="order-17",
                timeout=0,
            )
        )

    def test_run_with_timeout_0_returns_a_task_that_ended_long_ago(
        self, client: Client, kie: Any, clock: FakeClock, httpx_mock: HTTPXMock
    ) -> None:
        self.submit(client, kie, httpx_mock)
        httpx_mock.add_response(url=QUERY, json=succeeded())
        clock.now += 86400
        assert self.run(client, kie).task.id == TASK_ID
        assert len(httpx_mock.get_requests(url=QUERY)) == 1

    @pytest.mark.parametrize("known", [False, True], ids=["accepted", "succeeded"])
    def test_run_with_timeout_0_returns_a_task_that_just_ended(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock, known: bool
    ) -> None:
        task = self.submit(client, kie, httpx_mock)
        httpx_mock.add_response(url=QUERY, json=succeeded(), is_reusable=True)
        if known:
            client.do(task.wait())
        assert self.run(client, kie).task.id == TASK_ID

    def test_run_with_timeout_0_polls_a_running_task(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        self.submit(client, kie, httpx_mock)
        httpx_mock.add_response(url=QUERY, json=record("waiting"), is_reusable=True)
        with pytest.raises(errors.TaskTimeoutError, match="the last state was 'waiting'"):
            self.run(client, kie)

    def test_wait_with_timeout_0_polls_a_new_task_once(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        task = self.submit(client, kie, httpx_mock)
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        with pytest.raises(errors.TaskTimeoutError, match="the last state was 'waiting'"):
            client.do(task.wait(timeout=0))

    def submit(self, client: Client, kie: Any, httpx_mock: HTTPXMock) -> Any:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        return client.do(
            kie.character_edit.submit(
                prompt="a red scarf",
                image=EDIT["image_url"],
                mask=EDIT["mask_url"],
                reference=EDIT["reference_image_urls"][0],
                idempotency_key="order-17",
            )
        )
