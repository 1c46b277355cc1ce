"""The sandbox and the spec held against each other by schemathesis: any calls, in any order, over links."""

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Response
from schemathesis.config import SchemathesisConfig

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import SPEC, Bridge, Caller, mask, picture, reply_validator

BASE = "http://127.0.0.1"
SCHEMA: Any = schemathesis.openapi.from_path(SPEC, config=SchemathesisConfig())
SCHEMA.config.update(base_url=BASE)

STATES = ["waiting", "queuing", "generating", "success", "fail"]

# The same calls in every run; `make test` has only so much time.
BOUNDED = settings(
    max_examples=12,
    stateful_step_count=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_any_calls_in_any_order_are_answered_as_the_spec_says() -> None:
    seen: defaultdict[str, int] = defaultdict(int)

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
            return Response.from_any(reply)

        def validate_response(self, response: Response, case: Any, *args: Any, **options: Any) -> None:
            name = case.operation.definition.raw["operationId"]
            seen[name] += 1
            reply = json.loads(response.content)
            assert response.status_code == 200
            reply_validator(name).validate(reply)
            if reply["code"] != 200:
                assert reply["data"] is None
            elif name == "createTask":
                self.created.add(reply["data"]["taskId"])
                seen["tasks"] += 1
            elif name == "getTask":
                record = reply["data"]
                assert record["taskId"] == case.query["taskId"]
                assert record["taskId"] in self.created
                self.states[record["taskId"]].append(record["state"])
                order = [STATES.index(state) for state in self.states[record["taskId"]]]
                assert order == sorted(order)
                seen["reads"] += 1

    Calls.run(settings=BOUNDED)
    # Otherwise it would have proved nothing.
    assert seen["tasks"] > 3
    assert seen["reads"] > 3


@pytest.mark.parametrize("name", ["uploadFile", "uploadBase64", "uploadUrl", "getDownloadUrl", "getCredits"])
def test_a_call_without_links_is_answered_as_the_spec_says(name: str) -> None:
    strategy = SCHEMA.find_operation_by_id(name).as_strategy()
    sandbox = Sandbox(clock=VirtualClock())

    @settings(BOUNDED, max_examples=20)
    @given(case=strategy)
    def called(case: Any) -> None:
        reply = send(sandbox, case).json()
        reply_validator(name).validate(reply)
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
    reply.elapsed = timedelta(0)  # what took no time; schemathesis wants to know
    return reply
