"""The page at `/`: what it is made of, and what a browser makes of it (`make look` needs Chromium)."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram.testing import Sandbox
from tests.sandbox.support import Caller, mask, picture

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def test_the_state_is_that_of_the_sandbox(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.fail_next(msg="No face.")
    failed, made = caller.create(), caller.create()
    sandbox.clock.sleep(60)
    state = caller.http.get("/sandbox/state").json()
    assert [(task["id"], task["state"], task["failure"]) for task in state["tasks"]] == [
        (made, "success", ""),
        (failed, "fail", "No face."),
    ]
    assert (state["balance"], state["charged"], state["refunded"]) == (100 - 12, 24, 12)
    assert caller.http.get(state["tasks"][0]["pictures"][0]).headers["content-type"] == "image/png"
    assert state["calls"][0] == {"operation": "createTask", "code": 200, "reason": ""}


def test_a_pending_task_shows_no_picture(caller: Caller) -> None:
    caller.create()
    (task,) = caller.http.get("/sandbox/state").json()["tasks"]
    assert (task["state"], task["pictures"]) == ("waiting", [])


def test_the_page_loads_nothing_from_elsewhere(caller: Caller) -> None:
    reply = caller.http.get("/")
    assert reply.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert not re.search(r"https?://|innerHTML", reply.text)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine; install it and run `make look`")
def test_a_browser_shows_tasks_pictures_and_charges(tmp_path: Path) -> None:
    with Sandbox(scale=0, balance=100) as sandbox, sandbox.client() as kie:
        urls = [kie.files.upload(content).download_url for content in (picture(), mask(), picture("navy"))]
        given: dict[str, Any] = {"image_url": urls[0], "mask_url": urls[1], "reference_image_urls": [urls[2]]}
        made = kie.character_edit.create(prompt="a", num_images="2", **given)
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
    assert shown.count('<img src="/media/results/') == 2
    assert "&lt;b&gt;No face.&lt;/b&gt;" in shown
    assert httpx.URL(urls[0]).path not in shown
