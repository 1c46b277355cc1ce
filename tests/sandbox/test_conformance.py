"""The sandbox and the spec held against each other by schemathesis: any calls, in any order, over links."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Response
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from generator.replay.schema import schema_faults
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import SPEC, Bridge, Caller, mask, picture, spec

BASE = "http://127.0.0.1"
SCHEMA: Any = schemathesis.openapi.from_path(SPEC, config=SchemathesisConfig())
SCHEMA.config.update(base_url=BASE)

# Its other checks want verdicts in the HTTP status, and so does not this API.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

STATES = ["waiting", "queuing", "generating", "success", "fail"]

# The same calls in every run; `make test` has only so much time.
BOUNDED = settings(
    max_examples=12,
    stateful_step_count=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


Answer = dict[str, Any]


def walk(on: str = "", lie: Callable[[Answer], object] = lambda answer: None) -> Counter[str]:
    """Make calls in any order, over links, and hold every answer against the spec; count what was seen.

    `lie` changes what one operation answers when it accepts: its `status`, `type` and `body`.
    """
    seen: Counter[str] = Counter()

    class Calls(SCHEMA.as_state_machine()):  # type: ignore[misc]  # made at run time
        def setup(self) -> None:
            self.clock = VirtualClock()
            self.sandbox = Sandbox(clock=self.clock, balance=1e6, visible_after=2)
            self.caller = Caller(self.sandbox)
            self.pictures = [self.caller.upload(content) for content in (picture(), mask(), picture("navy"))]
            self.states: defaultdict[str, list[str]] = defaultdict(list)
            self.created: set[str] = set()
            self.turn = 0

        def teardown(self) -> None:
            self.caller.http.close()

        def call(self, case: Any, **options: Any) -> Response:
            # No generated URL leads to a picture of this sandbox: half of the creates get ones that do.
            body = case.body
            if isinstance(body, dict) and isinstance(body.get("input"), dict):
                self.turn += 1
                if self.turn % 2:
                    image, area, face = self.pictures
                    body["input"] |= {"image_url": image, "mask_url": area, "reference_image_urls": [face]}
            reply = send(self.sandbox, case)
            self.clock.advance(4)
            name, body = case.operation.definition.raw["operationId"], reply.json()
            if name == on and body["code"] == 200:
                answer = {"status": 200, "type": reply.headers["content-type"], "body": body}
                lie(answer)
                content = json.dumps(answer["body"])
                headers = {"content-type": answer["type"]}
                changed = httpx.Response(answer["status"], headers=headers, content=content)
                changed.request, changed.elapsed = reply.request, reply.elapsed
                reply = changed
            return Response.from_any(reply)

        def validate_response(self, response: Response, case: Any, *args: Any, **options: Any) -> None:
            held_to_the_spec(case, response)
            name = case.operation.definition.raw["operationId"]
            seen[name] += 1
            reply = json.loads(response.content)
            if reply["code"] != 200:
                assert reply["data"] is None
            elif name == "createTask":
                assert reply["data"]["taskId"] not in self.created, "the id is another task's"
                self.created.add(reply["data"]["taskId"])
                seen["tasks"] += 1
            elif name == "getTask":
                record = reply["data"]
                assert record["taskId"] == case.query["taskId"], "the record is another task's"
                assert record["taskId"] in self.created, "no submission made this task"
                states = self.states[record["taskId"]]
                states.append(record["state"])
                order = [STATES.index(state) for state in states]
                assert order == sorted(order), "the state goes backwards"
                seen["reads"] += 1
                seen["changes"] += len(states) > 1 and states[-1] != states[-2]

    Calls.run(settings=BOUNDED)
    return seen


def held_to_the_spec(case: Any, response: Response) -> None:
    """Hold an answer against the spec, with schemathesis and by ourselves."""
    case.validate_response(response, checks=CHECKS)
    assert response.status_code == 200
    # What schemathesis leaves unread: the JSON in `resultJson`.
    schema = case.operation.definition.raw["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema_faults(spec(), schema, json.loads(response.content)) == []


def test_any_calls_in_any_order_are_answered_as_the_spec_says() -> None:
    seen = walk()
    # Otherwise it would have proved nothing.
    assert seen["tasks"] > 3
    assert seen["reads"] > 1
    assert seen["changes"] > 0


BACK = cycle(["queuing", "waiting"])

LIES: list[tuple[str, str, Callable[[Answer], object]]] = [
    ("createTask", "the id is another task's", lambda answer: answer["body"]["data"].update(taskId="a")),
    ("createTask", "violates schema", lambda answer: answer["body"].update(data="a")),
    ("createTask", "Server error", lambda answer: answer.update(status=500)),
    ("getTask", "the record is another task's", lambda answer: answer["body"]["data"].update(taskId="a")),
    ("getTask", "the state goes backwards", lambda answer: answer["body"]["data"].update(state=next(BACK))),
    ("getTask", "violates schema", lambda answer: answer["body"]["data"].update(state=7)),
    ("getTask", "resultUrls", lambda answer: answer["body"]["data"].update(resultJson="{}")),
    ("getTask", "Undocumented Content-Type", lambda answer: answer.update(type="text/plain")),
    ("getTask", "Undocumented status code", lambda answer: answer.update(status=302)),
]


@pytest.mark.parametrize(("on", "said", "lie"), LIES, ids=[f"{on}-{said}" for on, said, _ in LIES])
def test_a_service_that_lies_is_noticed(on: str, said: str, lie: Callable[[Answer], object]) -> None:
    with pytest.raises((AssertionError, FailureGroup), match=said):
        walk(on, lie)


@pytest.mark.parametrize("name", ["uploadFile", "uploadBase64", "uploadUrl", "getDownloadUrl", "getCredits"])
def test_a_call_without_links_is_answered_as_the_spec_says(name: str) -> None:
    strategy = SCHEMA.find_operation_by_id(name).as_strategy()
    sandbox = Sandbox(clock=VirtualClock())

    @settings(BOUNDED, max_examples=20)
    @given(case=strategy)
    def called(case: Any) -> None:
        held_to_the_spec(case, Response.from_any(send(sandbox, case)))
        sandbox.clock.sleep(1)

    called()
    assert len(sandbox.calls) >= (1 if name == "getCredits" else 15)


def send(sandbox: Sandbox, case: Any) -> httpx.Response:
    """Send a generated call, with a good key."""
    headers = {**(case.headers or {}), "Authorization": "Bearer sandbox"}
    with httpx.Client(transport=Bridge(sandbox.app)) as http:
        request: dict[str, Any] = case.as_transport_kwargs(base_url=BASE, headers=headers)
        request.pop("cookies", None)
        if isinstance(request.get("data"), bytes | str):
            request["content"] = request.pop("data")
        reply = http.request(**request)
    # Schemathesis wants to know what was sent, and how long that took.
    reply.request.read()
    reply.elapsed = timedelta(0)
    return reply
