"""Following a task: the schedule, the deadline, the grace for a fresh task, and what a wait raises."""

from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import KieError, errors
from tests.client.conftest import (
    PICTURE_URL,
    QUERY,
    TASK_ID,
    Client,
    record,
    refused,
    succeeded,
)


def answer(httpx_mock: HTTPXMock, *replies: Any) -> None:
    """Answer queries in this order, with the last one for ever."""
    for number, reply in enumerate(replies, 1):
        if isinstance(reply, Exception):
            httpx_mock.add_exception(reply, url=QUERY, is_reusable=number == len(replies))
        else:
            httpx_mock.add_response(url=QUERY, json=reply, is_reusable=number == len(replies))


def queries(httpx_mock: HTTPXMock) -> int:
    return len(httpx_mock.get_requests(url=QUERY))


def wait(client: Client, timeout: float | None = None) -> Any:
    """Wait for a task that somebody else created."""
    return client.do(client.kie.tasks.wait(TASK_ID, timeout))


def test_a_wait_ends_with_the_succeeded_task(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"), record("queuing"), record("generating"), succeeded())
    done = client.do(created.wait())
    assert (done.id, done.state, done.urls) == (TASK_ID, "success", [PICTURE_URL])


def test_looks_become_rarer(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError):
        client.do(created.wait())
    assert client.clock.now - start == 900
    # Every 2 s for 10 s, every 1 s until two minutes, every 5 s until five, then every 15 s to the end:
    # 5 + 110 + 36 + 40 looks.
    assert queries(httpx_mock) == 191


def slowly(client: Client, httpx_mock: HTTPXMock, seconds: float, early: Any) -> float:
    """Answer the first query so many seconds after now, later ones with success; return when it was now."""
    start = client.clock.now

    def late(request: httpx.Request) -> httpx.Response:
        client.clock.now = start + seconds
        return httpx.Response(200, json=early)

    httpx_mock.add_callback(late, url=QUERY)
    httpx_mock.add_response(url=QUERY, json=succeeded(), is_optional=True)
    return float(start)


@pytest.mark.parametrize(
    ("elapsed", "rest"),
    [(9.5, 2), (10, 1), (119.5, 1), (120, 5), (299.5, 5), (300, 15), (600, 15)],
)
def test_how_rarely_depends_on_how_long_it_took(
    client: Client, created: Any, httpx_mock: HTTPXMock, elapsed: float, rest: float
) -> None:
    slowly(client, httpx_mock, elapsed, record("waiting"))
    client.do(created.wait())
    assert client.clock.slept[-1] == pytest.approx(rest)


@pytest.mark.parametrize(("chance", "rest"), [(0.0, 1.8), (0.5, 2.0), (1.0, 2.2)])
def test_looks_are_a_tenth_apart_from_those_of_others(
    client: Client, created: Any, httpx_mock: HTTPXMock, chance: float, rest: float
) -> None:
    client.kie._session.random = lambda: chance
    answer(httpx_mock, succeeded())
    client.do(created.wait())
    assert client.clock.slept[-1] == pytest.approx(rest)


def test_a_task_of_somebody_else_is_looked_at_at_once(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, succeeded())
    assert wait(client).urls == [PICTURE_URL]
    assert client.clock.slept == []


@pytest.mark.parametrize("timeout", [0, 1, 7.5, 100])
def test_the_deadline_of_a_wait_holds(client: Client, httpx_mock: HTTPXMock, timeout: float) -> None:
    answer(httpx_mock, record("generating"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError, match="generating") as caught:
        wait(client, timeout)
    assert client.clock.now - start == timeout
    assert caught.value.task_id == TASK_ID
    assert TASK_ID in str(caught.value)
    assert isinstance(caught.value, TimeoutError)


def test_no_query_may_take_longer_than_the_wait_has_left(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"))
    with pytest.raises(errors.TaskTimeoutError):
        wait(client, 5)
    for request in httpx_mock.get_requests():
        assert max(request.extensions["timeout"].values()) <= 5


def test_a_task_that_succeeds_at_the_deadline_is_seen(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"), succeeded())
    assert wait(client, 1).state == "success"


def test_passing_faults_do_not_end_a_wait(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    faults = [
        httpx.ConnectError("no way"),
        refused(500),
        refused(429),
        refused(455),
        httpx.ReadTimeout("slow"),
    ]
    answer(httpx_mock, *faults * 3, succeeded())
    assert client.do(created.wait()).state == "success"


def test_a_service_that_stays_away_ends_in_the_time_out(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, httpx.ConnectError("no way"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError) as caught:
        wait(client, 60)
    assert isinstance(caught.value.__cause__, errors.ServiceUnreachableError)
    assert client.clock.now - start <= 60 + 1


def test_a_wait_does_not_ask_before_retry_after_is_over_but_at_its_deadline(
    client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(429), headers={"Retry-After": "60"}, is_reusable=True)
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError):
        wait(client, 20)
    assert client.clock.now - start <= 20 + 2
    # One look at the start, and the last one that a deadline always gets.
    assert queries(httpx_mock) == 2


class TestAFreshTask:
    @pytest.mark.parametrize("early", [refused(404), refused(422, "recordInfo is null")])
    def test_may_be_invisible_at_first(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, early: Any
    ) -> None:
        answer(httpx_mock, *[early] * 10, record("waiting"), succeeded())
        assert client.do(created.wait()).state == "success"

    @pytest.mark.parametrize("early", [refused(404), refused(422, "recordInfo is null")])
    def test_has_ninety_seconds_to_become_visible(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, early: Any
    ) -> None:
        answer(httpx_mock, early)
        start = client.clock.now
        with pytest.raises(errors.ApiError) as caught:
            client.do(created.wait())
        assert caught.value.code == early["code"]
        assert caught.value.task_id == TASK_ID
        assert 90 <= client.clock.now - start <= 95

    @pytest.mark.parametrize(("seconds", "excused"), [(89.5, True), (90.5, False)])
    def test_has_no_second_more(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, seconds: float, excused: bool
    ) -> None:
        slowly(client, httpx_mock, seconds, refused(404))
        if excused:
            assert client.do(created.wait()).state == "success"
        else:
            with pytest.raises(errors.ApiError):
                client.do(created.wait())

    @pytest.mark.parametrize("code", [404, 422])
    def test_is_not_a_task_known_by_its_id_alone(
        self, client: Client, httpx_mock: HTTPXMock, code: int
    ) -> None:
        answer(httpx_mock, refused(code))
        with pytest.raises(errors.ApiError) as caught:
            wait(client)
        assert caught.value.code == code
        assert queries(httpx_mock) == 1

    @pytest.mark.parametrize("code", [400, 401, 402, 403, 433, 505])
    def test_is_not_excused_for_other_refusals(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, code: int
    ) -> None:
        answer(httpx_mock, refused(code))
        with pytest.raises(errors.ApiError):
            client.do(created.wait())
        assert queries(httpx_mock) == 1


@pytest.mark.parametrize(
    "reply",
    [
        *(
            refused(code)
            for code in (400, 401, 402, 403, 404, 408, 422, 429, 433, 455, 500, 501, 505, 418, 777)
        ),
        record("fail"),
        record("success"),
        record("paused"),
        record("waiting"),
        {"code": 200, "data": None},
        httpx.ConnectError("no way"),
        httpx.ReadTimeout("slow"),
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["wait", "updates", "refresh"])
def test_every_error_of_following_a_task_carries_its_id(
    client: Client, created: Any, httpx_mock: HTTPXMock, reply: Any, how: str
) -> None:
    answer(httpx_mock, reply)
    error: KieError | None = None
    try:
        client.do(getattr(created, how)())
    except KieError as caught:
        error = caught
    if error is None:
        # Only a wait judges the task; the others show it.
        assert how != "wait"
    else:
        assert error.task_id == TASK_ID
        assert TASK_ID in str(error)


class TestAFailedTask:
    def test_says_why_in_its_state(self, client: Client, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("generating"), record("fail", failCode="422", failMsg="bad mask"))
        with pytest.raises(errors.TaskFailedError, match="422: bad mask") as caught:
            wait(client)
        error = caught.value
        assert (error.fail_code, error.fail_msg, error.task_id) == ("422", "bad mask", TASK_ID)
        assert error.task.state == "fail"
        assert error.task.raw["model"] == "ideogram/character-edit"

    @pytest.mark.parametrize("code", [501, 408])
    @pytest.mark.parametrize("status", [200, None], ids=["in-http-200", "as-http-status"])
    def test_says_why_in_the_envelope(
        self, client: Client, httpx_mock: HTTPXMock, code: int, status: int | None
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=refused(code, "no luck"), status_code=status or code)
        with pytest.raises(errors.TaskFailedError, match="no luck") as caught:
            wait(client)
        error = caught.value
        assert (error.fail_code, error.fail_msg, error.task_id) == (str(code), "no luck", TASK_ID)
        assert error.task.id == TASK_ID
        assert queries(httpx_mock) == 1

    def test_is_returned_not_raised_by_a_read(self, client: Client, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("fail", failCode="422"))
        task = client.do(client.kie.tasks.get(TASK_ID))
        assert (task.failed, task.fail_code) == (True, "422")


class TestUpdates:
    def test_yield_each_change_once_and_end(
        self, client: Client, created: Any, httpx_mock: HTTPXMock
    ) -> None:
        states = ["waiting", "waiting", "queuing", "generating", "generating", "generating"]
        answer(httpx_mock, *map(record, states), succeeded())
        seen = client.do(created.updates())
        assert [task.state for task in seen] == ["waiting", "queuing", "generating", "success"]
        assert seen[-1].urls == [PICTURE_URL]

    def test_show_a_failure(self, client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("waiting"), refused(501, "no luck"))
        seen = client.do(created.updates())
        assert [(task.state, task.fail_code) for task in seen] == [("waiting", ""), ("fail", "501")]

    def test_show_a_state_that_nobody_knows(
        self, client: Client, created: Any, httpx_mock: HTTPXMock
    ) -> None:
        answer(httpx_mock, record("paused"), succeeded())
        assert [str(task.state) for task in client.do(created.updates())] == ["paused", "success"]

    def test_end_at_the_deadline(self, client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("waiting"))
        start = client.clock.now
        with pytest.raises(errors.TaskTimeoutError):
            client.do(created.updates(timeout=30))
        # The look at the deadline waits for its turn, a tenth of a second after the one before.
        assert 30 <= client.clock.now - start < 30.2


def test_a_task_does_not_change_by_itself(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, succeeded())
    done = client.do(created.wait())
    assert (created.state, done.state) == ("waiting", "success")


def test_unknown_members_of_a_record_are_kept(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting", progress=12, mood="good"))
    task = client.do(client.kie.tasks.get(TASK_ID))
    assert task.raw["mood"] == "good"
    assert task.record.additional_properties["mood"] == "good"
    assert task.record.progress == 12


@pytest.mark.parametrize(
    "members",
    [
        {"resultJson": "{"},
        {"resultJson": "[]"},
        {"resultJson": "7"},
        {"resultJson": '{"resultUrls": null}'},
        {"resultJson": '{"resultUrls": "https://example.com/a.png"}'},
        {"resultJson": '{"resultObject": {}}'},
        {"resultJson": {"resultUrls": [7, None]}},
        {"resultJson": None},
    ],
    ids=str,
)
def test_a_result_without_links_is_no_success(
    client: Client, httpx_mock: HTTPXMock, members: dict[str, Any]
) -> None:
    answer(httpx_mock, record("success", **members))
    with pytest.raises(errors.ResponseFormatError, match="no URLs"):
        wait(client)


def test_a_result_that_is_decoded_already_is_read(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("success", resultJson={"resultUrls": [PICTURE_URL]}))
    assert wait(client).urls == [PICTURE_URL]


@pytest.mark.parametrize("value", [None, "", "yesterday", 1e300, -1e300, {}])
def test_a_time_that_is_none_is_none(client: Client, httpx_mock: HTTPXMock, value: Any) -> None:
    answer(httpx_mock, record("waiting", createTime=value))
    assert client.do(client.kie.tasks.get(TASK_ID)).created_at is None


@pytest.mark.parametrize("value", [422, "422"])
def test_a_fail_code_is_text(client: Client, httpx_mock: HTTPXMock, value: Any) -> None:
    answer(httpx_mock, record("fail", failCode=value))
    assert client.do(client.kie.tasks.get(TASK_ID)).fail_code == "422"


def test_a_service_that_stays_away_is_told_to_the_log_once_and_in_the_time_out(
    client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("refused"), url=QUERY, is_reusable=True)
    with pytest.raises(
        errors.TaskTimeoutError,
        match=r"no poll has succeeded; the last poll failed: nothing was sent: no connection",
    ):
        wait(client, 30)
    told = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(told) == 1
    assert told[0].startswith(f"task {TASK_ID}: poll failed, retrying: nothing was sent: no connection")


def test_a_task_that_is_not_there_is_said_to_be_none(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(422, "recordInfo is null"))
    with pytest.raises(
        errors.ApiError, match="recordInfo is null; this API key has no such task, or it is not visible yet"
    ):
        client.do(client.kie.tasks.get(TASK_ID))
