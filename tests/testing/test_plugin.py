"""The pytest plugin: the documented examples run as written, and it is as strict as it says."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.documents import blocks
from tests.testing.support import PLAIN, run

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
EXAMPLES = blocks("docs/testing.md")


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_there_are_five_examples() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_a_documented_example_passes_as_written(pytester: pytest.Pytester, number: int) -> None:
    result = run(pytester, EXAMPLES[number])
    result.assert_outcomes(passed=EXAMPLES[number].count("def test_"))


def test_the_examples_pass_in_parallel(pytester: pytest.Pytester) -> None:
    for number, code in enumerate(EXAMPLES):
        pytester.makepyfile(**{f"test_{number}": code})
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "xdist", "-n", "2")
    result.assert_outcomes(passed=sum(code.count("def test_") for code in EXAMPLES))


@pytest.mark.parametrize("variable", ["KIE_API_KEY", "KIE_BASE_URL", "KIE_UPLOAD_BASE_URL", "KIE_JOURNAL"])
def test_environment_does_not_reach_the_fixtures(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    code = """
    def test(kie, kie_sandbox, kie_recordings):
        assert kie.credits.get() == kie_sandbox.balance
        kie_recordings("getCredits/integer")
        kie_recordings.client().credits.get()
    """
    run(pytester, code).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "import pytest\n@pytest.mark.kie_sandbox(balanc=10)\ndef test(kie_sandbox): pass",
            "did you mean 'balance'?",
        ),
        (
            "import httpx\ndef test(kie_sandbox): httpx.get(kie_sandbox.url + '/api/v1/jobs/recordinfo')",
            "no operation has this method and path",
        ),
        (
            """
            import httpx
            def test(kie_sandbox):
                headers = {'Authorization': 'Bearer sandbox'}
                httpx.post(kie_sandbox.url + '/api/v1/jobs/createTask', json={'modle': 1}, headers=headers)
            """,
            "createTask was refused with code 422: model: expected the name of a model",
        ),
        (
            "import httpx\ndef test(kie_sandbox): httpx.get(kie_sandbox.url + '/api/v1/chat/credit')",
            "getCredits was refused with code 401",
        ),
        (
            "def test(kie_scenario): kie_scenario([{'call': 'getTask', 'code': 429}])",
            "a step of the scenario was not used: getTask (1 time)",
        ),
        (
            "import httpx\ndef test(kie_sandbox): httpx.get(kie_sandbox.url + '/media/results/a.png')",
            "files was refused with code 404: /media/results/a.png does not exist or has expired",
        ),
        ("def test(kie_sandbox): kie_sandbox.expect_refusal(402)", "no call was refused with code 402"),
        (
            "def test(kie_recordings): kie_recordings('getCredits/float')",
            "a recorded request was not sent: GET /api/v1/chat/credit",
        ),
        (
            """
            import pytest
            from kie_ideogram import KieError
            def test(kie_recordings):
                with pytest.raises(KieError):
                    kie_recordings('getCredits/float').client().tasks.get('a')
            """,
            "the path is /api/v1/jobs/recordInfo, recorded is /api/v1/chat/credit",
        ),
    ],
    ids=[
        "unknown-option",
        "unknown-path",
        "invalid-body",
        "no-key",
        "unplayed-step",
        "no-file",
        "unmet-refusal",
        "unplayed-recording",
        "other-request",
    ],
)
def test_what_is_unexpected_fails_the_test_and_says_why(
    pytester: pytest.Pytester, code: str, said: str
) -> None:
    result = run(pytester, code)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert said in result.stdout.str()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def test(kie_scenario): kie_scenario([{'call': 'createTsk'}])", "did you mean 'createTask'"),
        (
            "def test(kie_scenario): kie_scenario([{'call': 'getTask', 'set': {'data/stat': 'a'}}])",
            "did you mean 'data/state'?; use add for others",
        ),
        (
            "def test(kie_recordings): kie_recordings('getCredits/flot')",
            "those of getCredits are getCredits/code-401, getCredits/float, getCredits/integer",
        ),
        ("def test(kie_scenario): kie_scenario({'call': 'getTask'})", "scenario: expected a list"),
        ("def test(kie_scenario): kie_scenario('busy.yaml')", "busy.yaml: [0].tmes: no such field"),
        (
            "def test(kie_recordings): kie_recordings('createTask/page-exampel')",
            "did you mean 'createTask/page-example'",
        ),
        (
            "def test(kie_recordings): kie_recordings('creatTask/page-example')",
            "did you mean 'createTask/page-example'",
        ),
        ("def test(kie_recordings): kie_recordings('broken.har')", "broken.har: is not a HAR"),
        (
            "def test(kie_recordings): kie_recordings('list.har')",
            "is not a HAR: the file: expected an object",
        ),
        ("def test(kie_recordings): kie_recordings('other.har')", "log.entries: is missing"),
        (
            "def test(kie_recordings): kie_recordings('bodiless.har')",
            "log.entries[0].response.content: text is missing; save the HAR with content",
        ),
    ],
    ids=[
        "step",
        "path",
        "recording",
        "no-list",
        "scenario-file",
        "name",
        "folder",
        "no-json",
        "list",
        "no-har",
        "no-answers",
    ],
)
def test_a_bad_file_or_name_says_what_is_wrong_and_the_near_miss(
    pytester: pytest.Pytester, code: str, said: str
) -> None:
    pytester.makefile(".yaml", busy="- {call: getTask, tmes: 2}")
    bodiless = har({"size": 42, "mimeType": "application/json"})
    pytester.makefile(".har", broken="{", list="[]", other='{"log": {"version": "1.2"}}', bodiless=bodiless)
    result = run(pytester, code)
    assert result.ret != pytest.ExitCode.OK
    assert said in result.stdout.str()


def har(content: dict[str, Any]) -> str:
    """What a browser saves of a query of the balance."""
    request = {"method": "GET", "url": "https://api.kie.ai/api/v1/chat/credit"}
    response = {"status": 200, "headers": [], "content": content}
    return json.dumps({"log": {"entries": [{"request": request, "response": response}]}})


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with-bom"])
def test_a_har_of_another_tool_is_replayed(pytester: pytest.Pytester, mark: str) -> None:
    text = '{"code": 200, "msg": "success", "data": 7}'
    for content in ({"text": text}, {"text": b64encode(text.encode()).decode(), "encoding": "base64"}):
        pytester.makefile(".har", saved=mark + har(content))
        code = "def test(kie_recordings): assert kie_recordings('saved.har').client().credits.get() == 7"
        run(pytester, code).assert_outcomes(passed=1)


def browser_entry(url: str, status: int = 200, method: str = "GET", **content: Any) -> dict[str, Any]:
    headers = [{"name": ":status", "value": "200"}, {"name": "set-cookie", "value": "a=1\nb=2"}]
    response = {"status": status, "headers": headers, "content": content}
    return {"request": {"method": method, "url": url}, "response": response}


def test_har_of_a_browser_is_replayed_without_its_other_requests(pytester: pytest.Pytester) -> None:
    url = "https://api.kie.ai/api/v1/chat/credit"
    picture = "https://files.example.com/a.png"
    body = json.dumps({"code": 200, "msg": picture, "data": 7})
    wrapped = "\n".join(re.findall(".{1,20}", b64encode(body.encode()).decode()))
    entries = [
        browser_entry("https://www.example.com/page", text="<html>"),
        browser_entry(url, status=0),
        browser_entry(url, status=204, method="OPTIONS"),
        browser_entry(url, text=wrapped, encoding="base64"),
        browser_entry(picture, text="png", encoding=""),
    ]
    pytester.makefile(".har", saved=json.dumps({"log": {"entries": entries}}))
    code = """
        import httpx
        def test(kie_recordings):
            replay = kie_recordings('saved.har')
            response = httpx.get(replay.url + '/api/v1/chat/credit')
            assert response.json()['data'] == 7
            assert response.headers.get_list('set-cookie') == ['a=1', 'b=2']
            assert httpx.get(replay.url + '/a.png').text == 'png'
    """
    run(pytester, code).assert_outcomes(passed=1)


def test_names_of_recordings_are_listed(pytester: pytest.Pytester) -> None:
    code = """
        def test(kie_recordings):
            assert 'createTask/page-example' in kie_recordings.names
            assert kie_recordings.names == sorted(kie_recordings.names)
    """
    run(pytester, code).assert_outcomes(passed=1)


def test_an_expected_refusal_is_one(pytester: pytest.Pytester) -> None:
    code = """
        import httpx
        def test(kie_sandbox):
            kie_sandbox.expect_refusal(401)
            assert httpx.get(kie_sandbox.url + '/api/v1/chat/credit').json()['code'] == 401
    """
    run(pytester, code).assert_outcomes(passed=1)


def test_a_poller_over_http_gets_to_the_end_without_waiting(pytester: pytest.Pytester) -> None:
    code = (
        EXAMPLES[1].partition("def test_")[0]
        + """
import httpx

def test(kie, kie_sandbox):
    urls = [kie.files.upload(png("tan")).download_url for _ in range(3)]
    made = kie.character_edit.create(
        prompt="a",
        image_url=urls[0],
        mask_url=urls[1],
        reference_image_urls=[urls[2]],
        rendering_speed="QUALITY",
    )
    headers = {"Authorization": "Bearer sandbox"}
    states = []
    while "success" not in states:
        url = kie_sandbox.url + "/api/v1/jobs/recordInfo"
        reply = httpx.get(url, params={"taskId": made.id}, headers=headers)
        states.append(reply.json()["data"]["state"])
    assert states == ["waiting", "waiting", "queuing", "generating", "generating", "success"]
"""
    )
    run(pytester, code).assert_outcomes(passed=1)


def test_without_its_extra_the_install_line_is_said(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import sys\nsys.modules['starlette'] = None")
    pytester.makepyfile("def test(kie): pass")
    result = pytester.runpytest_subprocess(*PLAIN)  # the libraries are loaded in this process
    assert "pip install 'kie-ideogram[testing]'" in result.stdout.str()


def test_a_run_that_does_not_use_it_loads_nothing_of_it() -> None:
    code = (
        "import sys, kie_ideogram.pytest_plugin\n"
        "print(sorted(name for name in sys.modules if name.startswith(('kie_', 'starlette', 'httpx'))))"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output.strip() == "['kie_ideogram', 'kie_ideogram.pytest_plugin']"


def test_an_installed_package_brings_it_by_itself() -> None:
    (found,) = entry_points(group="pytest11", name="kie_ideogram")
    assert found.load().__name__ == "kie_ideogram.pytest_plugin"
