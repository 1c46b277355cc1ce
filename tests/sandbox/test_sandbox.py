"""Starting, stopping, and that everything it knows of the API comes from the contract."""

import subprocess
import sys
import threading

import httpx
import pytest

from kie_ideogram._contract import CONTRACT
from kie_ideogram.errors import ConfigurationError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", ""])  # noqa: S104 # what must be refused
def test_it_listens_on_this_machine_only(host: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a loopback address"):
        Sandbox(host=host)


def test_a_port_in_use_is_named() -> None:
    with Sandbox() as first:
        port = httpx.URL(first.url).port
        assert port
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port}"):
            Sandbox(port=port).start()


def test_it_leaves_no_thread_and_no_port_behind_and_starts_again() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox()
    for _ in range(2):
        with sandbox:
            url = sandbox.url
            assert httpx.post(url).status_code == 200
        assert {thread for thread in threading.enumerate() if thread not in before} == set()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
    with sandbox, pytest.raises(ConfigurationError, match="already running"):
        sandbox.start()
    with pytest.raises(ConfigurationError, match="not running"):
        _ = sandbox.url


def test_a_second_model_in_the_contract_is_served_without_code() -> None:
    draw = CONTRACT.models["ideogram/character-edit"]._replace(
        name="ideogram/draw",
        arguments=(),
        images=(),
        price=None,
        schema={"type": "object", "required": ["wish"], "properties": {"model": True, "wish": True}},
    )

    class Wider(Sandbox):
        contract = CONTRACT._replace(models={**CONTRACT.models, draw.name: draw})

    clock = VirtualClock()
    sandbox = Wider(clock=clock)
    with Caller(sandbox) as caller:
        assert caller.call("createTask", json={"model": draw.name})["msg"] == "wish: is missing"
        task_id = caller.create({"model": draw.name, "wish": "a boat"})
        clock.advance(15)
        assert caller.record(task_id)["model"] == draw.name
        assert len(caller.results(task_id)) == 1
        assert sandbox.charges == [(task_id, 0)]


def test_words_names_and_codes_of_replies_come_from_the_contract() -> None:
    poll = CONTRACT.operations["getTask"]._replace(
        reply={"taskId": "task.id", "state": "task.state", "who": "task.model"}
    )
    unauthorized = CONTRACT.canned_replies["invalid"]._replace(msg="who?")

    class Other(Sandbox):
        contract = CONTRACT._replace(
            canned_replies={**CONTRACT.canned_replies, "unauthorized": unauthorized},
            operations={**CONTRACT.operations, poll.name: poll},
        )

    sandbox = Other(clock=VirtualClock())
    with Caller(sandbox) as caller:
        assert caller.record(caller.create())["who"] == "ideogram/character-edit"
        reply = caller.call("getCredits", authorization="")
        assert (reply["code"], reply["msg"]) == (422, "who?")


@pytest.mark.parametrize(
    ("library", "code"),
    [("starlette", "import kie_ideogram.testing"), ("PIL", "from kie_ideogram import testing")],
)
def test_missing_library_error_has_the_install_command(library: str, code: str) -> None:
    script = f"import sys; sys.modules[{library!r}] = None\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    expected = f"ImportError: {library} is not installed; run: pip install 'kie-ideogram[sandbox]'"
    assert done.stderr.splitlines()[-1] == expected
