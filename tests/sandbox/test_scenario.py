"""Faults on demand: each kind, by a scenario and by a header, as a caller meets it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import Kie, callbacks, errors
from kie_ideogram.errors import ConfigurationError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.clock import FakeClock
from tests.sandbox.conftest import SIGNING_KEY
from tests.sandbox.receiver import Receiver
from tests.sandbox.support import Caller, mask, picture


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """One that is served, for what shows on the wire only."""
    with Sandbox(scale=0, balance=1e6) as sandbox:
        yield sandbox


@pytest.fixture
def kie(served: Sandbox) -> Iterator[Kie]:
    # Retries and rate limits take no real time.
    with served.client(_environment=FakeClock().environment) as kie:
        yield kie
        assert served.scenario.remaining() == []


@pytest.fixture
def edit(kie: Kie) -> dict[str, Any]:
    return {
        "prompt": "a smile",
        "image_url": kie.files.upload(picture()).download_url,
        "mask_url": kie.files.upload(mask()).download_url,
        "reference_image_urls": [kie.files.upload(picture("navy")).download_url],
    }


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"code": 401}, errors.AuthenticationError),
        ({"code": 402, "msg": "broke"}, errors.InsufficientCreditsError),
        ({"code": 500}, errors.SubmissionUnknownError),
        ({"code": 799}, errors.SubmissionUnknownError),
        ({"page": "proxy-502"}, errors.SubmissionUnknownError),
        ({"page": "cloudflare-403"}, errors.BlockedError),
        ({"status": 429, "code": 429, "times": 5}, errors.RateLimitError),
        ({"status": 200, "type": "text/html", "body": "<html>"}, errors.SubmissionUnknownError),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else value.__name__,
)
def test_a_call_is_answered_as_scripted_and_nothing_is_done(
    served: Sandbox, kie: Kie, edit: dict[str, Any], step: Any, error: Any
) -> None:
    charged = len(served.charges)
    served.play([{"call": "createTask", **step}])
    with pytest.raises(error):
        kie.character_edit.create(**edit)
    assert len(served.charges) == charged


@pytest.mark.parametrize("step", [{"lose": True}, {"cut": 0}, {"cut": 20}])
def test_an_answer_is_lost_after_the_task_was_charged(
    served: Sandbox, kie: Kie, edit: dict[str, Any], step: dict[str, Any]
) -> None:
    charged = len(served.charges)
    served.play([{"call": "createTask", **step}])
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        kie.character_edit.create(**edit)
    assert type(caught.value.__cause__) is errors.ReplyLostError
    assert len(served.charges) == charged + 1


def test_a_slow_answer_runs_into_the_callers_time_limit(served: Sandbox) -> None:
    served.play([{"call": "getCredits", "slow": 1}])
    with httpx.Client(base_url=served.url, timeout=0.2) as http, pytest.raises(httpx.ReadTimeout):
        http.get("/api/v1/chat/credit", headers={"Authorization": "Bearer sandbox"})


def test_unknown_states_and_fields_are_put_into_a_true_answer(
    served: Sandbox, kie: Kie, edit: dict[str, Any]
) -> None:
    task_id = kie.character_edit.create(**edit).id
    served.play([{"call": "getTask", "set": {"data/state": "paused"}, "add": {"data/mood": "fine"}}])
    task = kie.tasks.get(task_id)
    assert (task.state, task.raw["mood"], task.succeeded) == ("paused", "fine", False)
    assert kie.tasks.get(task_id).succeeded


def test_set_changes_a_refusal_and_body_needs_no_status(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.play([{"call": "getTask", "set": {"data/state": "lost"}}, {"call": "getTask", "body": "<html>"}])
    said = [caller.http.get("/api/v1/jobs/recordInfo", params={"taskId": "a"}) for _ in range(2)]
    assert said[0].json()["data"] == {"state": "lost"}
    assert (said[1].status_code, said[1].text) == (200, "<html>")


def test_a_file_may_have_expired_or_be_something_else(
    served: Sandbox, kie: Kie, edit: dict[str, Any], tmp_path: Path
) -> None:
    task = kie.tasks.get(kie.character_edit.create(**edit).id)
    served.play([{"call": "files", "status": 404}])
    # The client asks for a new link.
    assert [path.suffix for path in task.save(tmp_path / "renewed")] == [".png"]
    served.play([{"call": "files", "status": 200, "body": "<html>", "type": "image/png"}])
    # The client fetches it again.
    assert [path.suffix for path in task.save(tmp_path / "again")] == [".png"]
    served.play([{"call": "files", "status": 200, "body": "<html>", "type": "image/png"}] * 5)
    with pytest.raises(errors.DownloadError, match="got text/html"):
        task.save(tmp_path / "other")


def test_a_task_is_hidden_fails_or_both_as_scripted(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.play([{"call": "createTask", "visible_after": 5, "fail": {"code": "422", "msg": "No face."}}])
    task_id = caller.create()
    assert caller.task(task_id)["msg"] == "recordInfo is null"
    clock.advance(5)
    assert caller.record(task_id)["state"] == "queuing"
    clock.advance(60)
    assert caller.record(task_id)["failMsg"] == "No face."


def test_a_request_may_bring_its_own_step(served: Sandbox) -> None:
    with httpx.Client(base_url=served.url) as http:
        headers = {"Authorization": "Bearer sandbox", "X-Sandbox-Step": '{"code": 455}'}
        assert http.get("/api/v1/chat/credit", headers=headers).json()["code"] == 455
        headers["X-Sandbox-Step"] = '{"cod": 455}'
        reply = http.get("/api/v1/chat/credit", headers=headers)
    assert (reply.status_code, "did you mean 'code'" in reply.text) == (400, True)


class TestCallbacks:
    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with Receiver() as receiver:
            yield receiver

    def settle(self, caller: Caller, clock: VirtualClock, url: str, tasks: int = 1) -> list[str]:
        ids = [caller.create(caller.body() | {"callBackUrl": url}) for _ in range(tasks)]
        clock.advance(12)
        return ids

    def test_one_comes_again(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver
    ) -> None:
        sandbox.play([{"call": "callback", "repeat": 1}])
        self.settle(caller, clock, receiver.url)
        assert receiver.take() == receiver.take()

    def test_one_comes_late(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver
    ) -> None:
        sandbox.play([{"call": "callback", "delay": 600}])
        self.settle(caller, clock, receiver.url)
        assert receiver.received.empty()
        clock.advance(600)
        receiver.take()

    def test_one_never_comes(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver
    ) -> None:
        sandbox.play([{"call": "callback", "drop": True}])
        self.settle(caller, clock, receiver.url)
        clock.advance(600)
        assert receiver.received.empty()

    def test_the_first_comes_after_the_second(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver
    ) -> None:
        sandbox.play([{"call": "callback", "hold": True}])
        first, second = self.settle(caller, clock, receiver.url, tasks=2)
        ids = [json.loads(receiver.take().body)["data"]["taskId"] for _ in range(2)]
        assert ids == [second, first]

    @pytest.mark.parametrize("forge", ["signature", "id"])
    def test_a_forged_one_is_refused(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver, forge: str
    ) -> None:
        sandbox.play([{"call": "callback", "forge": forge}])
        self.settle(caller, clock, receiver.url)
        headers, body, _ = receiver.take()
        with pytest.raises(errors.SignatureError, match="does not match"):
            callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now())

    def test_a_forged_state_passes_because_the_body_is_not_signed(
        self, caller: Caller, sandbox: Sandbox, clock: VirtualClock, receiver: Receiver
    ) -> None:
        sandbox.play([{"call": "callback", "forge": "state"}])
        (task_id,) = self.settle(caller, clock, receiver.url)
        headers, body, _ = receiver.take()
        assert callbacks.verify(body, headers, secret=SIGNING_KEY, now=clock.now()).failed
        assert caller.record(task_id)["state"] == "success"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- call: createTsk", r"\[0\].call: .* is not one of createTask.*did you mean 'createTask'"),
        ("- {call: getTask, cod: 429}", r"\[0\]\.cod: no such field.*did you mean 'code'"),
        ("- {call: getTask, code: '429'}", r"\[0\]\.code: expected an integer"),
        ("- {code: 429}", r"\[0\].call: is missing"),
        ("call: getTask", "scenario: expected a list"),
        ("- [", "is not YAML"),
        ("- {call: createTask, fail: {query_code: 422}}", r"query_code: .* is not one of 408, 501"),
        ("- {call: getTask, forge: id}", r"\[0\]\.forge: is for callbacks, not for getTask"),
        ("- {call: getTask, fail: {}}", r"\[0\]\.fail: is for createTask, not for getTask"),
        ("- {call: callback, code: 429}", r"\[0\]\.code: is for calls, not for callbacks"),
        ("- {call: getTask, msg: wait}", r"\[0\]\.msg: needs code"),
        ("- {call: getTask, set: {data/stat: a}}", r"\[0\]\.set: 'data/stat' .* did you mean 'data/state'"),
        ("- {call: getTask, add: {data/state: a}}", r"\[0\]\.add: 'data/state' is a member .* use set"),
        ("- {call: getCredits, set: {data/x: 1}}", r"\[0\]\.set: 'data/x' is not a member of the reply"),
        ("- {call: getTask, set: {ok: true}}", r"\[0\]\.set: 'ok' is not a member of the reply"),
        ("- {call: files, set: {a: 1}}", r"\[0\]\.set: changes the true JSON reply"),
        ("- {call: getTask, status: 500, set: {a: 1}}", r"\[0\]\.set: changes the true JSON reply"),
    ],
)
def test_scenario_with_a_typo_names_place_and_suggestion(
    sandbox: Sandbox, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "busy.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        sandbox.play(path)
    assert str(path) in str(caught.value)
    assert sandbox.scenario.remaining() == []


def test_a_scenario_may_be_json_and_says_what_is_left(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "busy.json"
    path.write_text('[{"call": "createTask", "code": 429, "times": 3}]')
    sandbox.play(path)
    assert sandbox.scenario.remaining() == ["createTask (3 times)"]


def test_yaml_without_its_library_says_the_install_line(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "busy.yaml"
    path.write_text("- {call: getTask, code: 429}")
    with pytest.raises(
        ImportError, match=r"yaml is not installed; run: pip install 'kie-ideogram\[sandbox\]'"
    ):
        sandbox.play(path)


def test_a_file_that_is_not_there_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.yaml: cannot be read"):
        sandbox.play(tmp_path / "gone.yaml")


def test_set_lone_surrogate_is_sent_as_its_escape(served: Sandbox, kie: Kie) -> None:
    served.play([{"call": "getCredits", "set": {"msg": "\ud800"}}])
    response = kie.credits.with_raw_response.get().response
    assert response
    assert b'"msg": "\\ud800"' in response.content
