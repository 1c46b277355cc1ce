"""Waits: the schedule, the deadline, the grace period of a new task, and what a wait raises."""

from itertools import pairwise
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
from tests.contract.facts import DATA, FAILURES

GRACE = DATA["not-visible-grace"]
NOT_VISIBLE = [code.code for code in FAILURES.values() if code.query == "not-visible"]
# A query that gets one of these is refused and not repeated.
FINAL = [code.code for code in FAILURES.values() if code.query != "failed" and "query" not in code.retried]


def answer(httpx_mock: HTTPXMock, *replies: Any) -> None:
    """Reply to queries in this order, then always with the last reply."""
    for number, reply in enumerate(replies, 1):
        if isinstance(reply, Exception):
            httpx_mock.add_exception(reply, url=QUERY, is_reusable=number == len(replies))
        else:
            httpx_mock.add_response(url=QUERY, json=reply, is_reusable=number == len(replies))


def queries(httpx_mock: HTTPXMock) -> int:
    return len(httpx_mock.get_requests(url=QUERY))


def wait(client: Client, timeout: float | None = None) -> Any:
    """Wait for a task that the client knows only by its id."""
    return client.do(client.kie.tasks.wait(TASK_ID, timeout))


def test_wait_returns_the_succeeded_task(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"), record("queuing"), record("generating"), succeeded())
    done = client.do(created.wait())
    assert (done.id, done.state, done.urls) == (TASK_ID, "success", [PICTURE_URL])


def test_polls_follow_the_schedule_until_the_deadline(
    client: Client, created: Any, httpx_mock: HTTPXMock
) -> None:
    answer(httpx_mock, record("waiting"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError):
        client.do(created.wait())
    assert client.clock.now - start == DATA["deadline"]
    ends = [step["after"] for step in DATA["polling"][1:]] + [DATA["deadline"]]
    polls = [(end - step["after"]) / step["every"] for step, end in zip(DATA["polling"], ends, strict=True)]
    # By the table: every 2 s for 10 s, every 1 s until 120 s, every 5 s until 300 s, every 15 s to the end.
    assert queries(httpx_mock) == sum(polls)


def slowly(client: Client, httpx_mock: HTTPXMock, seconds: float, early: Any) -> float:
    """Reply to the first query after some seconds, to later ones with success; return the start time."""
    start = client.clock.now

    def late(request: httpx.Request) -> httpx.Response:
        client.clock.now = start + seconds
        return httpx.Response(200, json=early)

    httpx_mock.add_callback(late, url=QUERY)
    httpx_mock.add_response(url=QUERY, json=succeeded(), is_optional=True)
    return float(start)


# Just before each step of the schedule, at it, and long after the last.
STEPS = [
    *((step["after"], step["every"]) for step in DATA["polling"] if step["after"]),
    *((later["after"] - 0.5, step["every"]) for step, later in pairwise(DATA["polling"])),
    (2 * DATA["polling"][-1]["after"], DATA["polling"][-1]["every"]),
]


@pytest.mark.parametrize(("elapsed", "rest"), STEPS)
def test_interval_depends_on_elapsed_time(
    client: Client, created: Any, httpx_mock: HTTPXMock, elapsed: float, rest: float
) -> None:
    slowly(client, httpx_mock, elapsed, record("waiting"))
    client.do(created.wait())
    assert client.clock.slept[-1] == pytest.approx(rest)


FIRST = DATA["polling"][0]["every"]


@pytest.mark.parametrize(
    ("chance", "rest"),
    [(0.0, FIRST * (1 - DATA["jitter"])), (0.5, FIRST), (1.0, FIRST * (1 + DATA["jitter"]))],
)
def test_interval_varies_by_the_jitter(
    client: Client, created: Any, httpx_mock: HTTPXMock, chance: float, rest: float
) -> None:
    client.kie._session.random = lambda: chance
    answer(httpx_mock, succeeded())
    client.do(created.wait())
    assert client.clock.slept[-1] == pytest.approx(rest)


def test_task_known_by_its_id_is_polled_immediately(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, succeeded())
    assert wait(client).urls == [PICTURE_URL]
    assert client.clock.slept == []


@pytest.mark.parametrize("timeout", [0, 1, 7.5, 100])
def test_wait_ends_at_its_timeout(client: Client, httpx_mock: HTTPXMock, timeout: float) -> None:
    answer(httpx_mock, record("generating"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError, match="generating") as caught:
        wait(client, timeout)
    assert client.clock.now - start == timeout
    assert caught.value.task_id == TASK_ID
    assert TASK_ID in str(caught.value)
    assert isinstance(caught.value, TimeoutError)


def test_query_timeout_is_at_most_the_rest_of_the_wait(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"))
    with pytest.raises(errors.TaskTimeoutError):
        wait(client, 5)
    for request in httpx_mock.get_requests():
        assert max(request.extensions["timeout"].values()) <= 5


def test_success_at_the_deadline_is_returned(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, record("waiting"), succeeded())
    assert wait(client, 1).state == "success"


def test_temporary_failures_do_not_end_a_wait(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    faults = [
        httpx.ConnectError("no way"),
        refused(500),
        refused(429),
        refused(455),
        httpx.ReadTimeout("slow"),
    ]
    answer(httpx_mock, *faults * 3, succeeded())
    assert client.do(created.wait()).state == "success"


def test_unreachable_service_ends_in_a_timeout(client: Client, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, httpx.ConnectError("no way"))
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError) as caught:
        wait(client, 60)
    assert isinstance(caught.value.__cause__, errors.ServiceUnreachableError)
    assert client.clock.now - start <= 60 + 1


def test_wait_respects_retry_after_and_polls_at_its_deadline(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(429), headers={"Retry-After": "60"}, is_reusable=True)
    start = client.clock.now
    with pytest.raises(errors.TaskTimeoutError):
        wait(client, 20)
    assert client.clock.now - start <= 20 + 2
    # One poll at the start, and one at the deadline.
    assert queries(httpx_mock) == 2


class TestNewTask:
    @pytest.mark.parametrize("early", [refused(code, "recordInfo is null") for code in NOT_VISIBLE])
    def test_new_task_may_be_invisible_at_first(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, early: Any
    ) -> None:
        answer(httpx_mock, *[early] * 10, record("waiting"), succeeded())
        assert client.do(created.wait()).state == "success"

    @pytest.mark.parametrize("early", [refused(code, "recordInfo is null") for code in NOT_VISIBLE])
    def test_new_task_may_be_invisible_for_90_seconds(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, early: Any
    ) -> None:
        answer(httpx_mock, early)
        start = client.clock.now
        with pytest.raises(errors.ApiError) as caught:
            client.do(created.wait())
        assert caught.value.code == early["code"]
        assert caught.value.task_id == TASK_ID
        assert GRACE <= client.clock.now - start <= GRACE + 5

    @pytest.mark.parametrize(("seconds", "excused"), [(GRACE - 0.5, True), (GRACE + 0.5, False)])
    def test_new_task_invisible_after_90_seconds_raises(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, seconds: float, excused: bool
    ) -> None:
        slowly(client, httpx_mock, seconds, refused(404))
        if excused:
            assert client.do(created.wait()).state == "success"
        else:
            with pytest.raises(errors.ApiError):
                client.do(created.wait())

    @pytest.mark.parametrize("code", NOT_VISIBLE)
    def test_task_known_only_by_its_id_must_be_visible(
        self, client: Client, httpx_mock: HTTPXMock, code: int
    ) -> None:
        answer(httpx_mock, refused(code))
        with pytest.raises(errors.ApiError) as caught:
            wait(client)
        assert caught.value.code == code
        assert queries(httpx_mock) == 1

    @pytest.mark.parametrize("code", [number for number in FINAL if number not in NOT_VISIBLE])
    def test_new_task_with_another_refusal_raises(
        self, client: Client, created: Any, httpx_mock: HTTPXMock, code: int
    ) -> None:
        answer(httpx_mock, refused(code))
        with pytest.raises(errors.ApiError):
            client.do(created.wait())
        assert queries(httpx_mock) == 1


@pytest.mark.parametrize(
    "reply",
    [
        *map(refused, [*FAILURES, 418, 777]),
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
def test_every_error_of_a_known_task_has_its_id(
    client: Client, created: Any, httpx_mock: HTTPXMock, reply: Any, how: str
) -> None:
    answer(httpx_mock, reply)
    error: KieError | None = None
    try:
        client.do(getattr(created, how)())
    except KieError as caught:
        error = caught
    if error is None:
        # Only a wait raises for the state of a task.
        assert how != "wait"
    else:
        assert error.task_id == TASK_ID
        assert TASK_ID in str(error)


class TestFailedTask:
    def test_failed_task_raises_the_reason_of_its_record(self, client: Client, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("generating"), record("fail", failCode="422", failMsg="bad mask"))
        with pytest.raises(errors.TaskFailedError, match="422: bad mask") as caught:
            wait(client)
        error = caught.value
        assert (error.fail_code, error.fail_msg, error.task_id) == ("422", "bad mask", TASK_ID)
        assert error.task.state == "fail"
        assert error.task.raw["model"] == "ideogram/character-edit"

    @pytest.mark.parametrize("code", [code.code for code in FAILURES.values() if code.query == "failed"])
    @pytest.mark.parametrize("status", [200, None], ids=["in-http-200", "as-http-status"])
    def test_failed_task_raises_the_reason_of_the_envelope(
        self, client: Client, httpx_mock: HTTPXMock, code: int, status: int | None
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=refused(code, "no luck"), status_code=status or code)
        with pytest.raises(errors.TaskFailedError, match="no luck") as caught:
            wait(client)
        error = caught.value
        assert (error.fail_code, error.fail_msg, error.task_id) == (str(code), "no luck", TASK_ID)
        assert error.task.id == TASK_ID
        assert queries(httpx_mock) == 1

    def test_failed_task_is_returned_by_a_read(self, client: Client, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("fail", failCode="422"))
        task = client.do(client.kie.tasks.get(TASK_ID))
        assert (task.failed, task.fail_code) == (True, "422")


class TestUpdates:
    def test_updates_yield_each_change_once_and_end(
        self, client: Client, created: Any, httpx_mock: HTTPXMock
    ) -> None:
        states = ["waiting", "waiting", "queuing", "generating", "generating", "generating"]
        answer(httpx_mock, *map(record, states), succeeded())
        seen = client.do(created.updates())
        assert [task.state for task in seen] == ["waiting", "queuing", "generating", "success"]
        assert seen[-1].urls == [PICTURE_URL]

    def test_updates_yield_a_failure(self, client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("waiting"), refused(501, "no luck"))
        seen = client.do(created.updates())
        assert [(task.state, task.fail_code) for task in seen] == [("waiting", ""), ("fail", "501")]

    def test_updates_yield_an_undocumented_state(
        self, client: Client, created: Any, httpx_mock: HTTPXMock
    ) -> None:
        answer(httpx_mock, record("paused"), succeeded())
        assert [str(task.state) for task in client.do(created.updates())] == ["paused", "success"]

    def test_updates_end_at_the_deadline(self, client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
        answer(httpx_mock, record("waiting"))
        start = client.clock.now
        with pytest.raises(errors.TaskTimeoutError):
            client.do(created.updates(timeout=30))
        # The last poll waits for the rate limit, a tenth of a second after the one before.
        assert 30 <= client.clock.now - start < 30.2


def test_task_object_does_not_change(client: Client, created: Any, httpx_mock: HTTPXMock) -> None:
    answer(httpx_mock, succeeded())
    done = client.do(created.wait())
    assert (created.state, done.state) == ("waiting", "success")


def test_unknown_members_of_a_record_are_in_raw(client: Client, httpx_mock: HTTPXMock) -> None:
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
        {"resultJson": '{"resultUrls": ""}'},
        {"resultJson": '{"resultObject": {}}'},
        {"resultJson": {"resultUrls": [7, None]}},
        {"resultJson": None},
    ],
    ids=str,
)
def test_success_without_urls_is_a_format_error(
    client: Client, httpx_mock: HTTPXMock, members: dict[str, Any]
) -> None:
    answer(httpx_mock, record("success", **members))
    with pytest.raises(errors.ResponseFormatError, match="no URLs"):
        wait(client)


@pytest.mark.parametrize("urls", [[PICTURE_URL], PICTURE_URL], ids=["list", "text"])
def test_decoded_result_is_accepted(client: Client, httpx_mock: HTTPXMock, urls: Any) -> None:
    answer(httpx_mock, record("success", resultJson={"resultUrls": urls}))
    assert wait(client).urls == [PICTURE_URL]


@pytest.mark.parametrize("value", [None, "", "yesterday", 1e300, -1e300, {}])
def test_invalid_time_is_none(client: Client, httpx_mock: HTTPXMock, value: Any) -> None:
    answer(httpx_mock, record("waiting", createTime=value))
    assert client.do(client.kie.tasks.get(TASK_ID)).created_at is None


@pytest.mark.parametrize("value", [422, "422"])
def test_fail_code_is_a_string(client: Client, httpx_mock: HTTPXMock, value: Any) -> None:
    answer(httpx_mock, record("fail", failCode=value))
    assert client.do(client.kie.tasks.get(TASK_ID)).fail_code == "422"


def test_unreachable_service_is_logged_once(
    client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("refused"), url=QUERY, is_reusable=True)
    with pytest.raises(
        errors.TaskTimeoutError,
        match=r"no poll has succeeded; the last poll failed: nothing was sent: no connection",
    ):
        wait(client, 30)
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"task {TASK_ID}: poll failed, retrying: nothing was sent: no connection")


def test_missing_task_is_explained(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(422, "recordInfo is null"))
    with pytest.raises(
        errors.ApiError, match="recordInfo is null; this API key has no such task, or it is not visible yet"
    ):
        client.do(client.kie.tasks.get(TASK_ID))
