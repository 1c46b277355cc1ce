"""Every recording is played to the real client: what it sends, and what the call returns or raises.

`expected.yaml` has the expected results. Those of a recording named after a code follow from its facts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from generator.contract.load import load as load_yaml
from generator.replay.recordings import Recording
from generator.replay.schema import schema_faults
from kie_ideogram import KieError, callbacks
from tests.client.conftest import PAGE_BODY, TASK_ID, Client
from tests.client.responses.playing import OPENAPI, RECORDINGS, attempt, compare, compare_request, serve
from tests.contract.facts import FAILURES, SIBLINGS, Code, with_current_names

EXPECTED: dict[str, list[dict[str, Any]]] = load_yaml(Path(__file__).parent / "expected.yaml").data
# The examples of the other models' pages. tests/contract/test_siblings.py has what each of them sends.
EXAMPLES = {f"createTask/{model.rpartition('/')[2]}-example" for model in SIBLINGS}


def code_runs(name: str, recording: Recording) -> Iterator[tuple[Recording, dict[str, Any]]]:
    """Yield the runs of a recording that is named after a code: the table of codes says what is expected."""
    scenario = name.partition("/")[2]
    if not scenario.startswith("code-") or recording.operation not in ("createTask", "getTask"):
        return
    code = FAILURES[int(scenario.removeprefix("code-"))]
    for exchange in recording.exchanges:
        alone = recording._replace(exchanges=(exchange,))
        msg = json.loads(exchange.response.text)["msg"]
        if exchange.request.method == "POST":
            yield alone, submission(code, msg)
        else:
            yield alone, query(code, msg)
            yield alone, wait(code, msg)


def submission(code: Code, msg: str) -> dict[str, Any]:
    """Return the expected outcome of a submission whose response has this code."""
    run = {"call": "create", "sends": code.requests("create"), "says": msg}
    if code.create == "unknown":
        return {**run, "raises": "SubmissionUnknownError", "cause": code.exception}
    return {**run, "raises": code.exception, "code": code.code, "http_status": 200}


def query(code: Code, msg: str) -> dict[str, Any]:
    """Return the expected outcome of a query whose response has this code."""
    run = {"call": "get", "sends": code.requests("query")}
    if code.query == "failed":
        failed = {"state": "fail", "failed": True, "fail_code": str(code.code), "fail_msg": msg, "urls": []}
        return {**run, "task": failed}
    about = {"code": code.code, "http_status": 200, "msg": msg, "task_id": TASK_ID}
    return {**run, "raises": code.exception, **about}


def wait(code: Code, msg: str) -> dict[str, Any]:
    """Return the expected outcome of a wait whose queries get this code.

    The client knows only the id of the task, not that it is new, so there is no grace period.
    """
    run = {"call": "wait", "task_id": TASK_ID}
    if code.query == "failed":
        about = {"fail_code": str(code.code), "fail_msg": msg}
        return {**run, "sends": 1, "raises": "TaskFailedError", **about}
    if "query" in code.retried:
        return {**run, "raises": "TaskTimeoutError", "cause": code.exception}
    return {**run, "sends": 1, "raises": code.exception, "code": code.code}


def runs(*, inbound: bool) -> list[Any]:
    """Return the runs: those of callbacks, or those that the client begins."""
    written = [
        (RECORDINGS[name], run)
        for name, expected in EXPECTED.items()
        if name in RECORDINGS
        for run in expected
    ]
    derived = [pair for name, recording in RECORDINGS.items() for pair in code_runs(name, recording)]
    return [
        pytest.param(recording, run, id=f"{recording.name}-{run['call']}")
        for recording, run in [*written, *derived]
        if (run["call"] == "verify") is inbound
    ]


def test_every_recording_is_played() -> None:
    played = {each.values[0].name for inbound in (True, False) for each in runs(inbound=inbound)}
    assert played == set(RECORDINGS)
    assert set(EXPECTED) <= played


def test_every_code_has_a_recording_of_each_operation() -> None:
    recorded = [run for recording in RECORDINGS.values() for run in code_runs(recording.name, recording)]
    for call in ("create", "get"):
        found = {
            int(recording.path.stem.removeprefix("code-"))
            for recording, run in recorded
            if run["call"] == call
        }
        assert found == {code.code for code in FAILURES.values() if code.name}


@pytest.mark.parametrize(("recording", "run"), runs(inbound=False))
def test_recording_leads_to_its_outcome(
    recording: Recording, run: dict[str, Any], client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    serve(recording, httpx_mock)

    outcome = attempt(client, recording, run["call"], tmp_path)

    compare(outcome, run)
    sent = httpx_mock.get_requests()
    if "sends" in run:
        assert len(sent) == run["sends"]
    if "rests" in run:
        assert client.clock.slept == run["rests"]
    for number, request in enumerate(sent):
        exchange = recording.exchanges[min(number, len(recording.exchanges) - 1)]
        compare_request(request, exchange.request)


@pytest.mark.parametrize(("recording", "run"), runs(inbound=True))
def test_recorded_callback_leads_to_its_outcome(recording: Recording, run: dict[str, Any]) -> None:
    request = recording.exchanges[0].request

    outcome: Any
    try:
        outcome = callbacks.verify(
            request.text.encode(), request.headers, secret="kie-test-hmac-key", now=1769670760
        )
    except KieError as error:
        outcome = error

    compare(outcome, run)


@pytest.mark.parametrize("name", [name for name in RECORDINGS if name not in EXAMPLES])
def test_recorded_submission_is_the_example_of_the_page(name: str) -> None:
    requests = [e.request for e in RECORDINGS[name].exchanges if e.request.url.endswith("/createTask")]
    sent = [with_current_names(json.loads(request.text)) for request in requests]
    assert sent == [PAGE_BODY] * len(requests)


# Status and type of replies that are not JSON in HTTP 200. The name `http-429` contains its status.
REPLIES = {
    "blocked-1010": (403, "text/plain"),
    "empty-body": (200, "x-unknown"),
    "html-in-http-200": (200, "text/html"),
    "proxy-502": (502, "text/html"),
    "retry-after": (429, "application/json"),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_recorded_reply_has_status_and_type_of_its_scenario(name: str) -> None:
    scenario = name.partition("/")[2]
    status = int(scenario.removeprefix("http-")) if scenario.startswith("http-") else 200
    replies = [exchange.response for exchange in RECORDINGS[name].exchanges]
    said = [(reply.status, reply.content_type.partition(";")[0]) for reply in replies]
    # Later replies are those that a retry gets.
    after = [(200, "application/json")] * (len(said) - 1)
    assert said == [REPLIES.get(scenario, (status, "application/json")), *after]


# These were published without `data`; refused uploads always are.
SHORT = ("createTask/unauthorized-in-http-200", "getCredits/code-401")


@pytest.mark.parametrize("name", [name for name in RECORDINGS if not name.startswith("taskSettled/")])
def test_recorded_reply_has_code_message_and_data(name: str) -> None:
    for exchange in RECORDINGS[name].exchanges:
        try:
            reply = json.loads(exchange.response.text)
        except ValueError:
            continue  # the page of a proxy, or a truncated reply
        if name.endswith("/no-object"):
            assert reply == []
            continue
        words = reply.keys() & {"msg", "message"}
        assert words
        assert all(isinstance(reply[member], str) and reply[member] for member in words)
        refused = reply["code"] != 200
        assert ("data" in reply) is not (refused and ("success" in reply or name in SHORT))
        assert not (refused and reply.get("data"))
        if isinstance(reply.get("data"), dict) and "state" in reply["data"]:
            assert isinstance(reply["data"]["param"], str)


SEEN = {
    "createTask/not-visible-at-first": ["waiting", "success"],
    "getTask/waiting-generating-success": ["waiting", "waiting", "generating", "success"],
}


@pytest.mark.parametrize("name", SEEN)
def test_recorded_task_has_the_expected_states(name: str) -> None:
    replies = [json.loads(exchange.response.text)["data"] or {} for exchange in RECORDINGS[name].exchanges]
    assert [reply["state"] for reply in replies if "state" in reply] == SEEN[name]


@pytest.mark.parametrize("name", [name for name in RECORDINGS if name.startswith("taskSettled/")])
def test_recorded_callback_has_the_code_of_its_state(name: str) -> None:
    body = json.loads(RECORDINGS[name].exchanges[0].request.text)
    assert (body["code"], body["data"]["state"]) == ((501, "fail") if "failure" in name else (200, "success"))


@pytest.mark.parametrize(
    ("reply", "is_one"),
    [
        ({"code": 402}, True),
        ({"code": 402, "message": "Broke."}, True),
        ({"code": 799, "msg": None, "data": {"any": "content"}}, True),
        ({"code": 400, "msg": "no", "success": False}, True),
        ({"code": 200}, False),
        ({"code": "402"}, False),
        ({"msg": "no"}, False),
        ({"code": 402, "msg": 7}, False),
        ({"code": 402, "message": 7}, False),
        ({"code": 402, "success": "no"}, False),
    ],
    ids=str,
)
def test_failure_schema_accepts_only_failures(reply: dict[str, Any], is_one: bool) -> None:
    assert (schema_faults(OPENAPI, {"$ref": "#/components/schemas/FailureResponse"}, reply) == []) is is_one


TEXTS = ["param", "resultJson", "failCode", "failMsg"]
TIMES = ["costTime", "completeTime", "createTime", "updateTime"]
AMOUNTS = ["progress", "creditsConsumed", "consumeCredits", "remainedCredits"]
# Valid and invalid values of each member of a record.
MEMBERS = [
    *((name, ["", None], [7, True, []]) for name in TEXTS),
    *((name, [0, None], ["7", 0.5, True]) for name in TIMES),
    *((name, [0, 0.5, None], ["7", True]) for name in AMOUNTS),
    ("resultJson", ['{"resultUrls": ["https://example.com/a.png"]}'], ["{}", '{"resultUrls": ["a"]}']),
    ("taskId", ["a"], ["", 7, None]),
    ("model", ["a"], [7, None]),
    ("state", ["fail", "paused"], [7, None]),
]


@pytest.mark.parametrize(("member", "may", "may_not"), MEMBERS, ids=[member for member, _, _ in MEMBERS])
def test_member_of_a_record_accepts_only_its_values(member: str, may: list[Any], may_not: list[Any]) -> None:
    schema = {"$ref": "#/components/schemas/TaskRecord"}
    least = {"taskId": "a", "state": "waiting"}
    assert [schema_faults(OPENAPI, schema, least | {member: value}) for value in may] == [[]] * len(may)
    assert all(schema_faults(OPENAPI, schema, least | {member: value}) for value in may_not)


@pytest.mark.parametrize(
    ("name", "body", "is_one"),
    [
        ("CreateTaskResponse", {"msg": "", "data": {"taskId": "a"}}, True),
        ("CreateTaskResponse", {"msg": 7, "data": {"taskId": "a"}}, False),
        ("CreateTaskResponse", {"msg": "", "data": {"taskId": ""}}, False),
        ("CreateTaskResponse", {"msg": "", "data": {"taskId": "a", "recordId": 7}}, False),
        ("TaskResponse", {"data": {"taskId": "a", "state": "fail"}}, True),
        ("TaskResponse", {"msg": 7, "data": {"taskId": "a", "state": "fail"}}, False),
        ("TaskResponse", {"message": 7, "data": {"taskId": "a", "state": "fail"}}, False),
        ("TaskCallback", {"data": {"taskId": "a", "state": "fail"}}, True),
        ("TaskCallback", {"code": 799, "data": {"taskId": "a", "state": "fail"}}, True),
        ("TaskCallback", {"code": "200", "data": {"taskId": "a", "state": "fail"}}, False),
        ("TaskCallback", {"msg": 7, "data": {"taskId": "a", "state": "fail"}}, False),
    ],
    ids=str,
)
def test_schemas_of_replies_accept_only_replies(name: str, body: dict[str, Any], is_one: bool) -> None:
    schema = {"$ref": f"#/components/schemas/{name}"}
    assert (schema_faults(OPENAPI, schema, {"code": 200, **body}) == []) is is_one
