"""The page at `/`: its state, and what a browser shows (needs Chromium)."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller, mask, picture

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def page_state(caller: Caller) -> Any:
    return caller.http.get("/sandbox/state").json()


def test_state_has_tasks_credits_and_calls(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.fail_next(msg="No face.")
    failed, made = caller.create(), caller.create()
    sandbox.clock.sleep(60)
    state = page_state(caller)
    assert [(task["id"], task["state"], task["failure"]) for task in state["tasks"]] == [
        (made, "success", ""),
        (failed, "fail", "GENERATION_FAILED: No face."),
    ]
    assert [(task["charged"], task["refunded"]) for task in state["tasks"]] == [(12, 0), (12, 12)]
    assert (state["balance"], state["charged"], state["refunded"]) == (100 - 12, 24, 12)
    assert caller.http.get(state["tasks"][0]["results"][0]).headers["content-type"] == "image/png"


def test_state_has_arguments_inputs_and_times(caller: Caller, clock: VirtualClock) -> None:
    body = caller.body(prompt="a red scarf", num_images="2")
    start = clock.now()
    caller.create(body)
    (task,) = page_state(caller)["tasks"]
    arguments = {argument["name"]: argument["value"] for argument in task["arguments"]}
    assert arguments == {"prompt": "a red scarf", "rendering_speed": "TURBO", "num_images": "2"}
    assert [(each["role"], each["url"]) for each in task["inputs"]] == [
        ("picture", body["input"]["image_url"]),
        ("mask", body["input"]["mask_url"]),
        ("reference", body["input"]["reference_image_urls"][0]),
    ]
    assert (task["created"], task["ended"]) == (start, None)
    clock.advance(60)
    (task,) = page_state(caller)["tasks"]
    assert (task["ended"], page_state(caller)["now"]) == (start + 12, start + 60)


def test_calls_with_the_same_outcome_are_one_group(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create()
    for _ in range(3):
        clock.advance(1)
        caller.record(task_id)
    caller.call("getCredits", authorization="")
    calls = page_state(caller)["calls"]
    assert [(call["operation"], call["code"], call["count"]) for call in calls] == [
        ("getCredits", 401, 1),
        ("getTask", 200, 3),
        ("createTask", 200, 1),
        ("uploadFile", 200, 3),
    ]
    assert calls[1]["last"] == clock.now()
    assert calls[0]["reason"] == "You do not have access permissions"


def test_pending_task_has_no_results_or_failure(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.fail_next(msg="No face.")
    caller.create()
    (task,) = page_state(caller)["tasks"]
    assert (task["state"], task["results"], task["failure"], task["refunded"]) == ("waiting", [], "", 0)


def test_the_page_loads_nothing_from_elsewhere(caller: Caller) -> None:
    reply = caller.http.get("/")
    assert reply.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert not re.search(r"https?://|innerHTML", reply.text)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine; install it and run `make look`")
def test_browser_shows_tasks_pictures_and_credits(tmp_path: Path) -> None:
    with Sandbox(scale=0, balance=100) as sandbox, sandbox.client() as kie:
        urls = [kie.files.upload(content).download_url for content in (picture(), mask(), picture("navy"))]
        given: dict[str, Any] = {"image_url": urls[0], "mask_url": urls[1], "reference_image_urls": [urls[2]]}
        made = kie.character_edit.create(prompt="<i>scarf</i>", num_images="2", **given)
        sandbox.fail_next(msg="<b>No face.</b>")
        kie.character_edit.create(prompt="a", **given)
        command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000"]
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        shown = subprocess.run(
            [*command, profile, "--dump-dom", sandbox.url + "/"],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
    assert "<b>64</b>credits left" in shown
    assert f"<code>{made.id}</code>" in shown
    assert "&lt;b&gt;No face.&lt;/b&gt;" in shown
    assert "<dt>prompt</dt><dd>&lt;i&gt;scarf&lt;/i&gt;</dd>" in shown
    assert "18 credits, 18 refunded" in shown
    assert shown.count('<a href="/media/results/') == 2
    for url in urls:
        assert shown.count(f'<a href="{httpx.URL(url).raw_path.decode()}"') == 2
    assert re.search(r"submitted [^<]*<span class=\"age\">\(\d+ s ago\)</span>", shown)
    assert "took 0 s" in shown
    assert '<td>createTask</td><td>200</td><td class="number">2</td>' in shown
