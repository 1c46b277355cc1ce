"""The command line, run in this process or another one, against a sandbox over HTTP."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from kie_ideogram import Kie
from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import run
from kie_ideogram.testing import Sandbox
from tests.clock import FakeClock
from tests.money.support import KEY
from tests.pictures.conftest import HurriedClock
from tests.pictures.support import Files

PROCESS = [sys.executable, "-W", "error", str(Path(__file__).with_name("hasty.py"))]


class Done(NamedTuple):
    """How a command ended."""

    code: object
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(keys=[KEY], scale=0, balance=100_000, clock=HurriedClock()) as sandbox:
        yield sandbox


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run a command with the given arguments only. Its journal is in the test's folder."""
    monkeypatch.setenv("KIE_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.chdir(tmp_path)  # pictures are saved there unless a test says otherwise

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        # Loading certificates would take longer than the rest of most tests.
        with httpx.Client(verify=False) as http:  # noqa: S501 # loopback has no TLS
            client = partial(Kie, http_client=http, _environment=FakeClock().environment)
            with pytest.raises(SystemExit) as ended:
                run(package()._replace(client=client), [*map(str, arguments)])
        captured = capsys.readouterr()
        done = Done(ended.value.code, captured.out, captured.err)
        # Output that is read here is missing from the check that runs after each test.
        assert KEY not in done.out + done.err
        return done

    return call


@pytest.fixture
def cli(sandbox: Sandbox, bare: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command against the sandbox."""
    monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
    return lambda *arguments: bare(*arguments, *servers(sandbox))


def servers(sandbox: Sandbox) -> list[str]:
    """The options for the servers of a sandbox."""
    return ["--base-url", sandbox.url, "--upload-base-url", sandbox.url]


def environment(sandbox: Sandbox, home: Path, **changes: str) -> dict[str, str]:
    """The environment of a command in another process. Its journal is below `home`."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "KIE_JOURNAL", "PYTHONIOENCODING")
    }
    return ours | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "KIE_API_KEY": sandbox.keys[0],
        "KIE_BASE_URL": sandbox.url,
        "KIE_UPLOAD_BASE_URL": sandbox.url,
        "TERM": "xterm-256color",
        **changes,
    }


def edit(files: Files, *more: object, **changes: object) -> list[object]:
    """The arguments of an edit."""
    given: dict[str, object] = {
        "prompt": "a smile",
        "image": files.image,
        "mask": files.mask,
        "reference": files.reference,
        **changes,
    }
    return ["edit", *(part for name, value in given.items() for part in (f"--{name}", value)), *more]


def succeed(sandbox: Sandbox, files: Files, **given: object) -> str:
    """Run an edit with the library, and return the id of its task."""
    url, environment = sandbox.url, FakeClock().environment
    with Kie(KEY, base_url=url, upload_base_url=url, _environment=environment) as kie:
        task_id: str = kie.character_edit.run(**files.given(**given)).task.id
        return task_id


def last_command(text: str, name: str) -> list[str]:
    """The command that the last line of a text names, without the program."""
    *_, line = text.splitlines()
    words = shlex.split(line.partition(f"kie-ideogram {name}")[2])
    return [name, *words]
