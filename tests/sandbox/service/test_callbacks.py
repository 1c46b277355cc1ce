"""Callbacks: when, what, how signed, how often, and never off this machine."""

import base64
import hmac
import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from kie_ideogram import callbacks
from kie_ideogram._runtime.testing.fake_service.service import Report
from kie_ideogram._runtime.testing.scenario import Scenario
from kie_ideogram._runtime.testing.server.webhook_sender import WebhookSender
from kie_ideogram.errors import SignatureError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.conftest import SIGNING_KEY
from tests.sandbox.receiver import Receiver
from tests.sandbox.support import Caller, operation, spec, validator

PAYLOAD = validator("/components/schemas/TaskCallback")


def create(caller: Caller, url: str) -> str:
    return caller.create(caller.body() | {"callBackUrl": url})


def test_succeeded_task_is_reported_once_and_signed(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    with Receiver() as receiver:
        task_id = create(caller, receiver.url)
        clock.advance(11)
        assert receiver.received.empty()
        clock.advance(1)
        clock.advance(60)
        headers, body, _ = receiver.take()
        assert receiver.received.empty()
    payload = json.loads(body)
    PAYLOAD.validate(payload)
    assert (payload["code"], payload["msg"]) == (200, "Playground task completed successfully.")
    assert payload["data"] == caller.record(task_id)
    verified = callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now() - 60)
    assert (verified.id, verified.state) == (task_id, "success")
    assert sandbox.deliveries == [(task_id, receiver.url, ("HTTP 200",), True)]


def test_the_signature_is_the_base64_hmac_sha256_of_id_dot_time(caller: Caller, clock: VirtualClock) -> None:
    with Receiver() as receiver:
        task_id = create(caller, receiver.url)
        clock.advance(12)
        headers, _, _ = receiver.take()
    assert headers["X-Webhook-Timestamp"] == "1765179920"
    digest = hmac.new(SIGNING_KEY.encode(), f"{task_id}.1765179920".encode(), "sha256").digest()
    assert headers["X-Webhook-Signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("header", "said", "other"),
    [
        ("X-Webhook-Timestamp", "1769670760", "2026-01-29T07:12:40Z"),
        ("X-Webhook-Signature", "q1r2mvVn5pv3NhyMzaPMZqyyVrkA2hHBbHqhHkW0pZk=", "a signature"),
    ],
)
def test_the_headers_of_a_signed_callback_have_their_forms(header: str, said: str, other: str) -> None:
    path, method = operation("createTask")
    (post,) = spec()["paths"][path][method]["callbacks"]["taskSettled"].values()
    (schema,) = [each["schema"] for each in post["post"]["parameters"] if each["name"] == header]
    form = Draft202012Validator(schema)
    assert [form.is_valid(value) for value in (said, other, 7)] == [True, False, False]


def test_the_signature_is_of_this_key_and_time(caller: Caller, clock: VirtualClock) -> None:
    with Receiver() as receiver:
        create(caller, receiver.url)
        clock.advance(12)
        headers, body, _ = receiver.take()
    with pytest.raises(SignatureError, match="does not match"):
        callbacks.verify(body, headers, secret="another", now=clock.now())
    with pytest.raises(SignatureError, match="stale"):
        callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now() + 301)


@pytest.mark.parametrize("query_code", [None, 501])
def test_a_failed_task_is_reported_with_code_501(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock, query_code: int | None
) -> None:
    sandbox.fail_next("500", "Internal server error", query_code=query_code)
    with Receiver() as receiver:
        task_id = create(caller, receiver.url)
        clock.advance(12)
        headers, body, _ = receiver.take()
    payload = json.loads(body)
    PAYLOAD.validate(payload)
    assert (payload["code"], payload["msg"]) == (501, "Playground task failed.")
    verified = callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now())
    assert (verified.id, verified.state) == (task_id, "fail")
    assert (verified.fail_code, verified.fail_msg) == ("500", "Internal server error")


def test_without_a_signing_key_there_are_no_signature_headers() -> None:
    clock = VirtualClock()
    sandbox = Sandbox(clock=clock)
    with Caller(sandbox) as caller, Receiver() as receiver:
        create(caller, receiver.url)
        clock.advance(12)
        headers, body, _ = receiver.take()
    with pytest.raises(SignatureError, match="not signed"):
        callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now())


def test_a_callback_that_is_not_taken_is_repeated(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    with Receiver(503, 302, 200) as receiver:
        task_id = create(caller, receiver.url)
        clock.advance(12)
        bodies = {receiver.take().body for _ in range(3)}
    assert len(bodies) == 1
    assert sandbox.deliveries == [(task_id, receiver.url, ("HTTP 503", "HTTP 302", "HTTP 200"), True)]


def test_after_three_repetitions_it_is_given_up(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    with Receiver(500) as receiver:
        task_id = create(caller, receiver.url)
        clock.advance(12)
    assert sandbox.deliveries == [(task_id, receiver.url, ("HTTP 500",) * 4, False)]


def test_attempts_are_1_s_apart_with_15_s_for_a_response(
    clock: VirtualClock,
) -> None:
    limits: list[float] = []

    def make_client(**options: Any) -> httpx.Client:
        limits.append(options["timeout"])
        return httpx.Client(**options)

    sender = make_sender(clock, make_client=make_client)
    with Receiver(500) as receiver:
        sender.accept([Report("a", receiver.url, {"data": {}})])
        before = clock.now()
        (delivery,) = sender.deliver_due()
    assert delivery.attempts == ("HTTP 500",) * 4
    assert clock.now() - before == 3
    assert limits == [15]


def make_sender(clock: VirtualClock, **options: Any) -> WebhookSender:
    """Make what sends the callbacks of a sandbox."""
    scenario = Scenario(Sandbox.contract)
    return WebhookSender(Sandbox.contract, clock, scenario, signing_key="", signing_time=clock.now, **options)


def test_a_receiver_that_is_not_there_is_tried_as_often(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    with Receiver() as gone:
        pass
    create(caller, gone.url)
    clock.advance(12)
    assert sandbox.deliveries[0].attempts == ("ConnectError",) * 4


def test_a_sandbox_that_is_being_stopped_tries_nothing_again(clock: VirtualClock) -> None:
    sender = make_sender(clock)
    sender.closing.set()
    with Receiver(500) as receiver:
        sender.accept([Report("a", receiver.url, {"data": {}})])
        (delivery,) = sender.deliver_due()
    assert delivery.attempts == ("HTTP 500",)


@pytest.mark.parametrize(
    "url", ["https://your-domain.com/api/callback", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/a"]
)
def test_nothing_is_sent_beyond_this_machine(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock, url: str
) -> None:
    task_id = create(caller, url)
    clock.advance(12)
    reason = "undeliverable: not an address of this machine"
    assert sandbox.deliveries == [(task_id, url, (reason,), False)]


def test_a_task_without_a_callback_url_is_reported_to_nobody(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    caller.create()
    clock.advance(12)
    assert sandbox.deliveries == []


def test_on_the_real_clock_callbacks_come_by_themselves() -> None:
    sandbox = Sandbox(scale=0.001, signing_key=SIGNING_KEY)
    with sandbox, Caller(sandbox) as caller, Receiver() as receiver:
        task_id = create(caller, receiver.url)
        headers, body, _ = receiver.take()
    assert callbacks.verify(body, headers, secret=SIGNING_KEY).id == task_id
