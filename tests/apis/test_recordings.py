"""Each documented exchange of each API is replayed to its package: what is sent, returned and raised."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from generator.contract.load import load
from generator.contract.source import read_spec
from generator.replay.check import check_recordings
from generator.replay.coverage import cover
from generator.replay.operations import match, operations
from generator.replay.recordings import MARK, Recording, load_recordings
from tests.apis.conftest import APIS, Api, Package
from tests.client.responses.playing import serve
from tests.generator.edits import ROOT

EXPECTED: dict[str, dict[str, dict[str, Any]]] = load(Path(__file__).with_name("expected.yaml")).data
RECORDINGS = {
    api.module: {one.name: one for one in load_recordings(ROOT / api.spec / "recordings")}
    for api in APIS
    if api.module in EXPECTED
}
CALLS = [(api, name) for api in APIS for name in RECORDINGS.get(api.module, ())]
KEY = "the-key-of-the-caller"


@pytest.mark.parametrize("api", [api for api in APIS if api.module in EXPECTED], ids=lambda api: api.module)
def test_recordings_comply_with_their_spec(api: Api) -> None:
    openapi = read_spec(ROOT / api.spec).openapi
    assert len(check_recordings(ROOT / api.spec / "recordings", openapi)) == len(EXPECTED[api.module])


def test_every_recording_is_expected_to_lead_somewhere() -> None:
    assert {module: set(found) for module, found in RECORDINGS.items()} == {
        module: set(expected) for module, expected in EXPECTED.items()
    }


@pytest.mark.parametrize(
    ("package", "name"), CALLS, indirect=["package"], ids=lambda one: getattr(one, "module", one)
)
def test_recording_leads_to_its_outcome(package: Package, name: str, httpx_mock: HTTPXMock) -> None:
    recording = RECORDINGS[package.api.module][name]
    expected = dict(EXPECTED[package.api.module][name])
    call, sends = expected.pop("call"), expected.pop("sends", 0 if call_back(recording) else 1)
    raises = expected.pop("raises", None)
    serve(recording._replace(exchanges=recording.exchanges[:sends]), httpx_mock)
    with package.client(KEY) as client:
        if raises:
            with pytest.raises(getattr(package.part("errors"), raises)) as raised:
                perform(package, client, call, recording)
            outcome: Any = raised.value
        else:
            outcome = perform(package, client, call, recording)
    if "value" in expected:
        assert outcome == expected["value"]
    else:
        assert {member: getattr(outcome, member) for member in expected} == expected
    sent = httpx_mock.get_requests()
    assert len(sent) == sends
    for request, exchange in zip(sent, recording.exchanges, strict=False):
        assert json.loads(request.content or "null") == json.loads(exchange.request.text or "null")
        recorded = {key: value.replace(MARK, KEY) for key, value in exchange.request.headers.items()}
        assert recorded.items() <= dict(request.headers).items()


def test_coverage_names_codes_states_and_members_where_the_api_has_them() -> None:
    folder = ROOT / "tests" / "apis" / "render_farm" / "spec"
    source = read_spec(folder)
    covered = cover(source, check_recordings(folder / "recordings", source.openapi), {})
    shown = {str(row): [one.name for one in evidence.recordings] for row, evidence in covered.items()}
    assert shown["code startRender 422"] == ["startRender/invalid"]
    assert shown["state failed"] == ["getRender/failed"]
    assert shown["state cancelled"] == []
    assert shown["response field getBalance remaining"] == ["getBalance/balance"]


def call_back(recording: Recording) -> bool:
    """Whether the service sends the request."""
    return recording.operation == "generationChanged"


def perform(package: Package, client: Any, call: str, recording: Recording) -> Any:
    """Make the call of the recording's first request."""
    request = recording.exchanges[0].request
    if call == "notify":
        return client.notify(request.text.encode(), request.headers)
    target = client
    for name in call.split("."):
        target = getattr(target, name)
    if request.text:
        return target(json.loads(request.text))
    declared = operations(load(ROOT / package.api.spec / "openapi.yaml").data)
    operation = match(declared, recording.operation, request.method, request.url)
    assert operation
    path = operation.path_parameters(request.url.partition("?")[0]) or {}
    return target(*path.values(), *request.query.values())
