"""Recording from the sandbox: recordings comply with the spec, contain no secret and can be replayed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.__main__ import SPEC, app, run
from generator.contract.source import read_spec
from generator.diagnostics import InputError
from generator.replay.check import check_recordings
from generator.replay.difference import differences, verdicts
from generator.replay.record import SCENARIOS as SCENARIOS_FILE
from generator.replay.record import Scenario, Server, play, save, scenarios
from generator.replay.recordings import Recording, read_recording
from generator.replay.redact import leaks, redacted
from kie_ideogram._runtime.testing.replay import Replay, read_har
from kie_ideogram._runtime.testing.server.uvicorn_server import Server as Served
from kie_ideogram.testing import Sandbox

SOURCE = read_spec(SPEC)
VERDICTS = verdicts(SOURCE.contract.api)
SCENARIOS = {scenario.name: scenario for scenario in scenarios(SPEC, SOURCE.openapi)}
KEY = "kie-test-key-0123456789"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        yield sandbox


def recorded(base: str, folder: Path, scenario: Scenario) -> Recording:
    server = Server(base, KEY, sleep=lambda seconds: None)
    return read_recording(save(play(scenario, server, SOURCE.openapi), folder, scenario.name, KEY))


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_scenario_passes_check_and_replays(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    first = recorded(sandbox.url, tmp_path / "first", SCENARIOS[name])
    check_recordings(tmp_path / "first", SOURCE.openapi)
    assert first.provenance.kind == "sandbox"
    replay = Replay()
    replay.remaining = read_har(first.path)
    served = Served(replay.app, "127.0.0.1", 0)
    served.start()
    try:
        # The multipart body is not compared, because its boundary is random.
        again = recorded(served.url, tmp_path / "again", SCENARIOS[name])
    finally:
        served.stop()
    assert replay.complaints == []
    assert [e.response[:1] + e.response[2:] for e in again.exchanges] == [
        e.response[:1] + e.response[2:] for e in first.exchanges
    ]
    assert [*differences(first, again, VERDICTS)] == []


def test_changed_reply_is_a_difference(sandbox: Sandbox, tmp_path: Path) -> None:
    scenario = SCENARIOS["getCredits/balance"]
    first = recorded(sandbox.url, tmp_path / "first", scenario)
    sandbox.play([{"call": "getCredits", "set": {"data": "much", "msg": "fine"}, "add": {"more": 1}}])
    second = recorded(sandbox.url, tmp_path / "second", scenario)
    sandbox.play([{"call": "getCredits", "status": 502, "type": "text/html", "body": "<html>"}])
    third = recorded(sandbox.url, tmp_path / "third", scenario)
    at = "getCredits/balance: GET https://api.kie.ai/api/v1/chat/credit"
    assert [*differences(first, second, VERDICTS)] == [
        f"{at}: /data is text, recorded: a number",
        f"{at}: /more is a number, recorded: missing",
        f"{at}: /msg is 'fine', recorded: 'success'",
    ]
    assert f"{at}: HTTP 502, recorded HTTP 200" in [*differences(first, third, VERDICTS)]


def test_keys_account_numbers_and_signed_queries_are_removed() -> None:
    text = f"https://tempfile.example/kieai/18273/a.png?sign=abc&t=1 said {KEY} at http://127.0.0.1:9/media"
    found = redacted({"a": [text]}, KEY, "http://127.0.0.1:9", "https://api.kie.ai")
    said = "https://tempfile.example/kieai/0/a.png said [redacted] at https://api.kie.ai/media"
    assert found == {"a": [said]}
    assert [*leaks(json.dumps(found), KEY)] == []


def test_text_that_ends_like_a_removed_key_is_read_too() -> None:
    assert redacted(f"{KEY} and [redacted]", KEY, "http://a.example", "") == "[redacted] and [redacted]"
    assert redacted("Bearer [redacted]", "redacted", "http://a.example", "") == "Bearer [redacted]"


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "Bearer abc",
        '"Set-Cookie"',
        "https://a.example/b?X-Amz-Signature=1",
        "https://a.example/kieai/7/b",
    ],
)
def test_recording_with_a_secret_is_not_written(tmp_path: Path, secret: str) -> None:
    har = {"log": {"entries": [json.loads(secret)] if secret.startswith('"') else [secret]}}
    with pytest.raises(InputError, match=r"a\.har: error: not written: it still contains "):
        save(har, tmp_path, "getCredits/a", KEY)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        run(lambda: app(["record", *arguments]))
    return int(exited.value.code or 0)


def test_record_writes_files_and_diff_then_exits_0(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    place = ["--base-url", sandbox.url, "--out", str(tmp_path)]
    assert command(*place) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == len(SCENARIOS) - 1
    assert "createTask/to-the-end" not in said.out  # it costs credits
    assert command(*place, "--diff") == 0
    (tmp_path / "getCredits" / "balance.har").unlink()
    assert command(*place, "--diff") == 1
    assert capsys.readouterr().out == "getCredits/balance: not recorded yet\n"


def test_default_key_of_a_sandbox_can_record(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        server = Server(sandbox.url, sandbox.keys[0])
        har = play(SCENARIOS["getCredits/balance"], server, SOURCE.openapi)
    assert read_recording(save(har, tmp_path, "getCredits/balance", server.key)).provenance.kind == "sandbox"


def test_record_without_key_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KIE_API_KEY", raising=False)
    assert command("--base-url", "http://127.0.0.1:9") == 2
    assert "set KIE_API_KEY" in capsys.readouterr().err


def test_unreachable_server_prints_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    assert command("--base-url", "http://127.0.0.1:9", "--out", str(tmp_path)) == 2
    assert "getCredits: no reply from http://127.0.0.1:9: ConnectError" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_base_url_that_is_not_a_url_prints_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    assert command("--base-url", "http://x:y", "--out", str(tmp_path)) == 2
    assert "getCredits: no reply from http://x:y: InvalidURL" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "name: getCredits/balance\n"])
def test_scenarios_that_are_not_a_list_are_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / SCENARIOS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"expected a list of scenarios.*\(record-scenario\)"):
        scenarios(tmp_path, SOURCE.openapi)
