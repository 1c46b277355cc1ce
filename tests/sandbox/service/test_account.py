"""Keys, money and rate limits."""

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic sandbox", "sandbox"])
def test_without_an_accepted_key_the_code_is_401(caller: Caller, authorization: str) -> None:
    reply = caller.call("getCredits", authorization=authorization)
    assert (reply["code"], reply["msg"]) == (401, "You do not have access permissions")


def test_uploads_refuse_a_wrong_key_with_their_own_message(caller: Caller) -> None:
    reply = caller.call("uploadFile", authorization="Bearer wrong", files={"file": b"x"})
    assert reply == {
        "success": False,
        "code": 401,
        "msg": "Authentication failed: Invalid API Key",
        "data": None,
    }


def test_the_balance_is_a_number_in_data(caller: Caller) -> None:
    assert caller.call("getCredits") == {"code": 200, "msg": "success", "data": 100}


@pytest.mark.parametrize(
    ("speed", "number", "cost"), [("TURBO", "1", 12), ("BALANCED", "2", 36), ("QUALITY", "4", 96)]
)
def test_a_create_is_charged_by_speed_for_each_picture(
    caller: Caller, sandbox: Sandbox, speed: str, number: str, cost: int
) -> None:
    task_id = caller.create(caller.body(rendering_speed=speed, num_images=number))
    assert sandbox.charges == [(task_id, cost)]
    assert caller.call("getCredits")["data"] == 100 - cost


def test_omitted_arguments_are_charged_as_their_defaults(caller: Caller, sandbox: Sandbox) -> None:
    body = caller.body()
    del body["input"]["rendering_speed"]
    caller.create(body)
    assert sandbox.balance == 100 - 18


def test_unaffordable_submission_is_402_and_makes_no_task(caller: Caller, sandbox: Sandbox) -> None:
    body = caller.body(num_images="4")
    caller.create(body)
    caller.create(body)
    reply = caller.call("createTask", json=body)
    assert reply["code"] == 402
    assert reply["msg"] == (
        "Credits insufficient : Your current balance isn\u2019t enough to run this request. "
        "Please top up to continue."
    )
    assert sandbox.balance == 4
    assert len(sandbox.charges) == 2


def test_a_failed_task_is_refunded_once(caller: Caller, sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fail_next()
    task_id = caller.create()
    assert sandbox.balance == 88
    clock.advance(60)
    clock.advance(60)
    caller.task(task_id)
    assert sandbox.balance == 100
    assert sandbox.refunds == sandbox.charges == [(task_id, 12)]


def test_a_succeeded_task_is_not_refunded(caller: Caller, sandbox: Sandbox, clock: VirtualClock) -> None:
    caller.create()
    clock.advance(60)
    assert sandbox.balance == 88
    assert sandbox.refunds == []


def test_21st_submission_in_10_s_is_429_for_any_key(
    caller: Caller, clock: VirtualClock, sandbox: Sandbox
) -> None:
    codes = [caller.call("createTask", json={})["code"] for _ in range(20)]
    assert set(codes) == {422}
    caller.key = "second"
    reply = caller.call("createTask", json={})
    assert (reply["code"], reply["msg"]) == (429, "Rate limit exceeded")
    clock.advance(9.9)
    assert caller.call("createTask", json={})["code"] == 429
    clock.advance(0.1)
    assert caller.call("createTask", json={})["code"] == 422
    assert sandbox.charges == []


def test_the_11th_query_within_a_second_is_429_for_that_key_only(caller: Caller) -> None:
    task_id = caller.create()
    assert [caller.task(task_id)["code"] for _ in range(11)] == [200] * 10 + [429]
    caller.key = "second"
    assert caller.task(task_id)["code"] == 200


def test_every_call_is_there_to_be_audited(caller: Caller, sandbox: Sandbox) -> None:
    caller.call("getCredits")
    caller.call("createTask", json={})
    assert [(call.operation, call.code) for call in sandbox.calls] == [
        ("getCredits", 200),
        ("createTask", 422),
    ]
    assert "model" in sandbox.calls[1].reason
