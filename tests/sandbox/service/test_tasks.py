"""The life of a task on the clock, and its record."""

import json

import pytest

from kie_ideogram.errors import ConfigurationError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller

KEYS = [
    "taskId",
    "model",
    "state",
    "param",
    "resultJson",
    "failCode",
    "failMsg",
    "costTime",
    "completeTime",
    "createTime",
]


def test_a_task_walks_through_its_states_on_the_clock(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create()
    seen = []
    for _ in range(13):
        seen.append(caller.record(task_id)["state"])
        clock.advance(1)
    assert seen == ["waiting"] * 3 + ["queuing"] * 3 + ["generating"] * 6 + ["success"]


@pytest.mark.parametrize(("speed", "seconds"), [("TURBO", 12), ("BALANCED", 18), ("QUALITY", 24)])
def test_a_better_picture_takes_longer(caller: Caller, clock: VirtualClock, speed: str, seconds: int) -> None:
    task_id = caller.create(caller.body(rendering_speed=speed))
    clock.advance(seconds - 0.1)
    assert caller.record(task_id)["state"] == "generating"
    clock.advance(0.1)
    assert caller.record(task_id)["state"] == "success"


def test_scale_shortens_every_task() -> None:
    clock = VirtualClock()
    sandbox = Sandbox(clock=clock, scale=0)
    with Caller(sandbox) as caller:
        assert caller.record(caller.create())["state"] == "success"


def test_a_pending_record_has_the_ten_observed_keys_and_nulls(caller: Caller) -> None:
    record = caller.record(caller.create())
    assert list(record) == KEYS
    assert record["resultJson"] == ""
    assert record["createTime"] == 1_765_179_908_000
    assert [record[name] for name in ("failCode", "failMsg", "costTime", "completeTime")] == [None] * 4


def test_a_succeeded_record_has_its_result_times_and_cost(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create(caller.body(num_images="3"))
    clock.advance(100)
    record = caller.record(task_id)
    assert list(record) == [*KEYS, "creditsConsumed"]
    assert len(json.loads(record["resultJson"])["resultUrls"]) == 3
    assert (record["failCode"], record["failMsg"]) == (None, None)
    assert record["completeTime"] - record["createTime"] == 12_000
    assert record["costTime"] == 12
    assert record["creditsConsumed"] == 36


def test_record_has_the_request_as_text_within_text(caller: Caller) -> None:
    body = caller.body(prompt="頭 „quoted“\n") | {"callBackUrl": "https://your-domain.com/api/callback"}
    param = json.loads(caller.record(caller.create(body))["param"])
    assert isinstance(param["input"], str)
    assert param | {"input": json.loads(param["input"])} == body


@pytest.mark.parametrize(
    ("task_id", "code", "msg"),
    [
        ("task_ideogram_1765179908063", 422, "recordInfo is null"),
        ("", 400, "taskId parameter is required"),
        (None, 400, "taskId parameter is required"),
    ],
)
def test_a_query_for_no_task_is_refused(caller: Caller, task_id: str | None, code: int, msg: str) -> None:
    params = {} if task_id is None else {"taskId": task_id}
    reply = caller.call("getTask", params=params)
    assert (reply["code"], reply["msg"]) == (code, msg)


def test_a_fresh_task_may_not_be_visible_yet() -> None:
    clock = VirtualClock()
    sandbox = Sandbox(clock=clock, visible_after=5)
    with Caller(sandbox) as caller:
        task_id = caller.create()
        assert caller.task(task_id)["code"] == 422
        clock.advance(5)
        assert caller.record(task_id)["state"] == "queuing"


def test_a_task_can_fail_in_its_state(caller: Caller, sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fail_next("422", "The face was not found.")
    task_id = caller.create()
    assert caller.record(task_id)["failCode"] is None
    clock.advance(12)
    record = caller.record(task_id)
    assert list(record) == KEYS
    assert (record["state"], record["resultJson"]) == ("fail", "")
    assert (record["failCode"], record["failMsg"]) == ("422", "The face was not found.")


@pytest.mark.parametrize("code", [408, 501])
def test_a_task_can_fail_in_the_code_of_the_query(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock, code: int
) -> None:
    sandbox.fail_next(msg="No result.", query_code=code)
    task_id = caller.create()
    assert caller.record(task_id)["state"] == "waiting"
    clock.advance(12)
    assert caller.task(task_id) == {"code": code, "msg": "No result.", "data": None}


def test_failures_wait_for_accepted_creates_one_each(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.fail_next("one")
    sandbox.fail_next("two")
    assert caller.call("createTask", json={})["code"] == 422
    body = caller.body()
    tasks = [caller.create(body) for _ in range(3)]
    clock.advance(12)
    assert [caller.record(task_id)["failCode"] for task_id in tasks] == ["one", "two", None]


def test_a_code_that_fails_no_task_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigurationError, match="500 does not mean a failed task; use one of 408, 501"):
        sandbox.fail_next(query_code=500)
