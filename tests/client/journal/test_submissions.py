"""One idempotency key is one task, and unknown outcomes and paid tasks stay in the journal."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import Kie, errors
from kie_ideogram._runtime.tasks.submit.journaled import JournaledSubmission
from tests.client.conftest import CREATE, EDIT, KEY, PAGE_ANSWER, PNG, QUERY, TASK_ID, Client, record, refused
from tests.client.conftest import succeeded as done
from tests.client.journal.conftest import echo, order, sent


class TestIdempotencyKey:
    def test_repeated_key_returns_the_same_task(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        assert [order(client, kie).id for _ in range(3)] == [TASK_ID] * 3
        assert len(sent(httpx_mock)) == 1

    def test_key_in_the_next_process_returns_the_same_task(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        client.do(kie.close())
        assert order(client, client.make(journal=path)).id == TASK_ID
        assert len(sent(httpx_mock)) == 1

    def test_key_with_another_request_is_refused(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        with pytest.raises(errors.InvalidInputError, match=r"key: was used for a different request.*new key"):
            order(client, kie, prompt="another one")
        assert len(sent(httpx_mock)) == 1

    def test_key_of_a_refused_request_accepts_a_corrected_one(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=refused(422))
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        with pytest.raises(errors.UnprocessableRequestError):
            order(client, kie)
        assert order(client, kie, prompt="a better one").id == TASK_ID
        assert [body["input"]["prompt"] for body in sent(httpx_mock)] == [EDIT["prompt"], "a better one"]

    def test_key_at_another_server_creates_another_task(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        elsewhere = client.make(
            journal=path, base_url="https://test.example", upload_base_url="https://test.example"
        )
        httpx_mock.add_response(json={"code": 200, "data": {"taskId": "other"}})
        assert order(client, elsewhere).id == "other"

    def test_key_without_a_journal_is_refused(self, client: Client) -> None:
        with pytest.raises(
            errors.ConfigurationError, match=r"idempotency_key: needs a journal.*journal=PATH"
        ):
            order(client, client.kie)

    @pytest.mark.parametrize("key", ["", "  ", 17, "x" * 201, "\ud800"])
    def test_invalid_key_is_refused(self, client: Client, kie: Any, key: Any) -> None:
        with pytest.raises(errors.InvalidInputError, match="idempotency_key: must be a string of 1 to 200"):
            order(client, kie, key)

    def test_submissions_without_key_create_two_tasks(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_reusable=True)
        order(client, kie, None)
        order(client, kie, None)
        assert len(sent(httpx_mock)) == 2
        assert len(client.do(kie.resume())) == 2

    def test_key_of_a_whole_body_returns_the_same_task(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        body = {"model": "ideogram/character-edit", "input": EDIT}
        client.do(kie.tasks.create(body, idempotency_key="order-17"))
        assert order(client, kie).id == TASK_ID

    def test_key_in_concurrent_threads_is_sent_once(self, path: Path, httpx_mock: HTTPXMock) -> None:
        arrived = threading.Barrier(2)

        def answer(request: httpx.Request) -> httpx.Response:
            arrived.wait(10)
            return httpx.Response(200, json=PAGE_ANSWER)

        httpx_mock.add_callback(answer, url=CREATE)
        with Kie(KEY, journal=path) as one, Kie(KEY, journal=path) as other, ThreadPoolExecutor(8) as pool:
            asked = [
                pool.submit((one, other)[n % 2].character_edit.create, **EDIT, idempotency_key="order-17")
                for n in range(8)
            ]
            # All other threads wait for the outcome of the sender, which waits for this.
            arrived.wait(10)
            assert {future.result(10).id for future in asked} == {TASK_ID}
        assert len(sent(httpx_mock)) == 1


class TestUnknownOutcome:
    @pytest.fixture
    def unknown(self, client: Client, kie: Any, httpx_mock: HTTPXMock) -> errors.SubmissionUnknownError:
        httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
        with pytest.raises(errors.SubmissionUnknownError) as caught:
            order(client, kie)
        return caught.value

    def test_unknown_outcome_states_the_amount_at_risk(self, unknown: errors.SubmissionUnknownError) -> None:
        assert unknown.idempotency_key == "order-17"
        assert "idempotency key order-17" in str(unknown)
        assert "18 credits, about USD 0.09" in str(unknown)

    def test_unknown_outcome_is_listed(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, clock: Any
    ) -> None:
        (one,) = client.do(kie.unknown())
        assert (one.idempotency_key, one.model, one.credits) == ("order-17", "ideogram/character-edit", 18)
        assert (one.price, one.currency) == (pytest.approx(0.09), "USD")
        assert one.sent_at.timestamp() == pytest.approx(clock.unix(), abs=1)
        assert client.do(kie.resume()) == []

    def test_unknown_key_is_not_sent_again(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, httpx_mock: HTTPXMock
    ) -> None:
        with pytest.raises(errors.SubmissionUnknownError, match=r"attach.*resend.*order-17") as caught:
            order(client, kie)
        assert caught.value.idempotency_key == "order-17"
        assert caught.value.fingerprint == unknown.fingerprint
        assert len(sent(httpx_mock)) == 1

    def test_resend_sends_the_same_request_again(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        assert client.do(kie.resend("order-17")).id == TASK_ID
        one, other = sent(httpx_mock)
        assert one == other
        assert client.do(kie.unknown()) == []

    @pytest.mark.parametrize("refusal", ["no connection", "code 402"])
    def test_refused_resend_leaves_the_outcome_unknown(
        self,
        client: Client,
        kie: Any,
        unknown: errors.SubmissionUnknownError,
        httpx_mock: HTTPXMock,
        clock: Any,
        refusal: str,
    ) -> None:
        clock.now += 3600
        if refusal == "code 402":
            httpx_mock.add_response(url=CREATE, json=refused(402))
        else:
            httpx_mock.add_exception(httpx.ConnectError("down"), url=CREATE, is_reusable=True)
        with pytest.raises(errors.KieError, match=refusal):
            client.do(kie.resend("order-17"))
        (one,) = client.do(kie.unknown())
        assert one.idempotency_key == "order-17"
        assert abs(one.sent_at - unknown.sent_at).total_seconds() < 60
        before = len(sent(httpx_mock))
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie)
        assert len(sent(httpx_mock)) == before

    def test_resend_is_retried_after_429(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=refused(429))
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        assert client.do(kie.resend("order-17")).id == TASK_ID
        assert client.do(kie.unknown()) == []

    def test_concurrent_resends_send_once(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, clock: Any
    ) -> None:
        clock.now += 60  # so that the rate limit admits both at once
        journal = kie._session.journal
        submission = journal.find(kie._session.server, idempotency_key="order-17")
        one, other = (JournaledSubmission.resend(kie._session, journal, submission) for _ in range(2))
        assert one._claim().decision == "send"
        assert other._claim().decision == "wait"
        one.sending()
        one.close()
        assert other._claim().decision == "unknown"

    def test_key_of_a_removed_model_can_be_attached_not_resent(
        self,
        client: Client,
        kie: Any,
        unknown: errors.SubmissionUnknownError,
        path: Path,
        httpx_mock: HTTPXMock,
    ) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE submissions SET model = 'ideogram/of-an-older-version'")
        with pytest.raises(errors.InvalidInputError, match=r"model: .*is not one of"):
            client.do(kie.resend("order-17"))
        assert len(client.do(kie.unknown())) == 1
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        assert client.do(kie.attach("order-17", TASK_ID)).id == TASK_ID

    def test_attach_settles_the_key_with_the_found_task(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, httpx_mock: HTTPXMock
    ) -> None:
        (body,) = sent(httpx_mock)
        httpx_mock.add_response(url=QUERY, json=record("waiting", param=echo(body)))
        assert client.do(kie.attach("order-17", TASK_ID)).id == TASK_ID
        assert order(client, kie).id == TASK_ID
        assert [task.id for task in client.do(kie.resume())] == [TASK_ID]
        assert client.do(kie.unknown()) == []

    @pytest.mark.parametrize("param", ["", "{}", '{"input": "a\nb"', None, 7, "[]", {"model": None}])
    def test_attach_accepts_a_record_without_the_request(
        self,
        client: Client,
        kie: Any,
        unknown: errors.SubmissionUnknownError,
        httpx_mock: HTTPXMock,
        param: Any,
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("waiting", param=param))
        assert client.do(kie.attach("order-17", TASK_ID)).id == TASK_ID

    def test_attach_refuses_the_task_of_another_request(
        self, client: Client, kie: Any, unknown: errors.SubmissionUnknownError, httpx_mock: HTTPXMock
    ) -> None:
        (body,) = sent(httpx_mock)
        other = echo({**body, "input": {**body["input"], "prompt": "not this one"}})
        httpx_mock.add_response(url=QUERY, json=record("waiting", param=other))
        with pytest.raises(
            errors.InvalidInputError, match=r"task_id: was made by a different request.*prompt"
        ):
            client.do(kie.attach("order-17", TASK_ID))
        assert len(client.do(kie.unknown())) == 1


class TestTaskNamedByAnUnclearResponse:
    @pytest.fixture(autouse=True)
    def unknown(self, client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
        httpx_mock.add_response(url=CREATE, json={"code": 501, "msg": "no", "data": {"taskId": TASK_ID}})
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie)

    def test_task_id_of_an_unclear_response_is_reported(self, client: Client, kie: Any) -> None:
        assert [one.task_id for one in client.do(kie.unknown())] == [TASK_ID]
        with pytest.raises(errors.SubmissionUnknownError) as caught:
            order(client, kie)
        assert caught.value.task_id == TASK_ID
        assert client.do(kie.resume()) == []

    def test_task_of_an_unclear_response_must_be_attached_first(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        with pytest.raises(errors.InvalidInputError, match="not a task in the journal"):
            client.do(kie.mark_done(TASK_ID))
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        client.do(kie.attach("order-17", TASK_ID))
        assert [task.id for task in client.do(kie.resume())] == [TASK_ID]
        assert client.do(kie.duplicate_charges()) == []

    def test_task_replaced_by_resend_is_a_duplicate_charge(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json={"code": 200, "msg": "ok", "data": {"taskId": "second"}})
        assert client.do(kie.resend("order-17")).id == "second"
        assert [task.id for task in client.do(kie.resume())] == ["second"]
        assert client.do(kie.duplicate_charges()) == [("order-17", TASK_ID)]


@pytest.mark.parametrize("method", ["attach", "resend"])
def test_unused_key_is_refused_by_attach_and_resend(client: Client, kie: Any, method: str) -> None:
    arguments = ["order-18", TASK_ID][: 2 if method == "attach" else 1]
    with pytest.raises(errors.InvalidInputError, match="idempotency_key: 'order-18' is not in the journal"):
        client.do(getattr(kie, method)(*arguments))


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("attach", ["\ud800", TASK_ID]),
        ("resend", ["\ud800"]),
        ("mark_done", ["\ud800"]),
        ("notify", ["\ud800"]),
    ],
)
def test_lone_surrogate_is_not_a_key_or_task_id(
    client: Client, kie: Any, method: str, given: list[str]
) -> None:
    with pytest.raises(errors.InvalidInputError, match=r"^(idempotency_key|task_id): must be a string"):
        client.do(getattr(kie, method)(*given))


@pytest.mark.parametrize("path", ["a\0b", "\ud800", 7])
def test_invalid_journal_path_is_refused(client: Client, path: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"^journal: "):
        client.make(journal=path)


def test_resend_of_an_accepted_key_is_refused(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    order(client, kie)
    with pytest.raises(errors.InvalidInputError, match="idempotency_key: is accepted, not unknown"):
        client.do(kie.resend("order-17"))


def test_attach_to_an_accepted_key_is_refused(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    order(client, kie)
    with pytest.raises(errors.InvalidInputError, match=f"idempotency_key: has the task {TASK_ID} already"):
        client.do(kie.attach("order-17", "another"))


@pytest.mark.parametrize("method", ["resume", "unknown", "duplicate_charges"])
def test_report_without_a_journal_is_refused(client: Client, method: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="journal=PATH"):
        client.do(getattr(client.kie, method)())


class TestResume:
    @pytest.fixture
    def task(self, client: Client, kie: Any, httpx_mock: HTTPXMock) -> Any:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        return order(client, kie)

    def test_resume_lists_a_task_until_its_images_are_saved(
        self, client: Client, kie: Any, task: Any, httpx_mock: HTTPXMock, tmp_path: Path
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=done())
        settled = client.do(task.wait())
        (again,) = client.do(kie.resume())
        assert again.id == TASK_ID
        httpx_mock.add_response(content=PNG)
        client.do(settled.save(tmp_path))
        assert client.do(kie.resume()) == []

    def test_resume_omits_failed_tasks(
        self, client: Client, kie: Any, task: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("fail", failCode="422"))
        with pytest.raises(errors.TaskFailedError):
            client.do(task.wait())
        assert client.do(kie.resume()) == []
        assert order(client, kie).id == TASK_ID

    def test_resume_omits_tasks_marked_as_done(self, client: Client, kie: Any, task: Any) -> None:
        client.do(kie.mark_done(TASK_ID))
        assert client.do(kie.resume()) == []
        with pytest.raises(errors.InvalidInputError, match="task_id: is not a task in the journal"):
            client.do(kie.mark_done("another"))

    def test_resumed_new_task_may_be_invisible_at_first(
        self, client: Client, kie: Any, task: Any, httpx_mock: HTTPXMock
    ) -> None:
        (again,) = client.do(kie.resume())
        httpx_mock.add_response(url=QUERY, json=refused(422, "recordInfo is null"))
        httpx_mock.add_response(url=QUERY, json=done())
        assert client.do(again.wait()).succeeded

    def test_resumed_task_overwrites_files_saved_before_a_crash(
        self, client: Client, kie: Any, task: Any, httpx_mock: HTTPXMock, tmp_path: Path
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=done())
        httpx_mock.add_response(content=PNG)
        (tmp_path / f"{TASK_ID}-1.png").write_bytes(PNG)
        (path,) = client.do(client.do(task.wait()).save(tmp_path))
        assert path == tmp_path / f"{TASK_ID}-1.png"


def test_clock_set_back_does_not_delay_submissions(
    client: Client, kie: Any, httpx_mock: HTTPXMock, path: Path, clock: Any
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_reusable=True)
    order(client, kie, "one")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE rate_limits SET next_free = next_free + 86400")
    order(client, kie, "two")
    assert sum(clock.slept) < 2


def test_interrupted_submission_is_unknown(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(KeyboardInterrupt(), url=CREATE)
    with pytest.raises(KeyboardInterrupt):
        order(client, kie)
    assert [one.idempotency_key for one in client.do(kie.unknown())] == ["order-17"]
