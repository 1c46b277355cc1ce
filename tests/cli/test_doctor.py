"""`doctor`: what it finds, in which colours, and the next command to type."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kie_ideogram._runtime.cli.commands.tools import doctor
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command
from tests.documents import ROOT

NOWHERE = ["--base-url", "http://127.0.0.1:9", "--upload-base-url", "http://127.0.0.1:9"]


def test_doctor_accepts_a_working_setup(cli: Command, sandbox: Sandbox) -> None:
    done = cli("doctor")
    assert done.code == 0
    assert f"ok       KIE_API_KEY: accepted; {sandbox.balance:g} credits" in done.out
    for name in ("api", "upload"):
        assert f"ok       {name} server {sandbox.url}: responds" in done.out
    *lines, following = done.out.splitlines()
    assert all(line.startswith("ok") for line in lines)
    assert following == "next: kie-ideogram edit --help"
    assert {(row["ok"], row["status"]) for row in json.loads(cli("doctor", "--json").out)} == {(True, "ok")}


def test_doctor_reports_a_missing_key(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIE_API_KEY")
    done = cli("doctor")
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("missing")]
    assert line.startswith("missing  KIE_API_KEY: no API key: set the environment variable KIE_API_KEY")
    assert done.out.splitlines()[-1] == "next: export KIE_API_KEY=…"


def test_doctor_reports_a_refused_key(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", "another")
    done = cli("doctor")
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("problem")]
    assert "KIE_API_KEY: " in line
    assert line.endswith("create a new API key if this one is refused")


def test_doctor_prints_the_journal_path(bare: Command, tmp_path: Path) -> None:
    done = bare("doctor", "--base-url", "http://127.0.0.1:9", "--upload-base-url", "http://127.0.0.1:9")
    assert f"ok       journal: {tmp_path / 'journal.db'}" in done.out.splitlines()


def test_doctor_reports_a_failing_server(cli: Command, bare: Command) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(502)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # its name in the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = bare("doctor", "--base-url", url, "--upload-base-url", url)
        server.shutdown()
        thread.join()
    assert done.code == 1
    assert f"problem  api server {url}: fails (HTTP 502)" in done.out
    assert done.out.splitlines()[-1] == f"next: curl --head {url}"


def test_an_extra_is_installed_from_where_the_package_came_from(
    bare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(doctor._EXTRAS, "mcp", ("not-installed-here", "agents cannot use it"))
    rows = json.loads(bare("doctor", "--json", *NOWHERE).out)
    (row,) = [row for row in rows if row["name"] == "extra mcp"]
    assert row["status"] == "optional"
    assert row["command"] == f"pip install --editable '{ROOT}[mcp]'"


@pytest.mark.parametrize(
    ("variables", "has_colours"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False),
    ],
    ids=["no terminal", "terminal", "NO_COLOR", "dumb"],
)
def test_the_status_is_coloured_where_colours_are_wanted(
    bare: Command, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], has_colours: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out = bare("doctor", *NOWHERE).out
    green, red = ("\x1b[32m", "\x1b[31m")
    assert (f"{green}ok" in out, f"{red}problem" in out) == (has_colours, has_colours)
    assert ("\x1b" in out) == has_colours


def test_a_missing_key_is_the_first_thing_to_do(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIE_API_KEY", raising=False)
    assert bare("doctor", *NOWHERE).out.splitlines()[-1] == "next: export KIE_API_KEY=…"
