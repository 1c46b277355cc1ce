"""The command line, run in this process against a sandbox over HTTP."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kie_ideogram import _contract
from kie_ideogram.__main__ import main
from kie_ideogram._contract import CONTRACT
from kie_ideogram.testing import Sandbox
from tests.money.support import KEY, hurried
from tests.pictures.conftest import HurriedClock
from tests.pictures.support import Files


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


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process look at their tasks more often; those of `test_terminal.py` do not."""
    monkeypatch.setattr(_contract, "CONTRACT", hurried(CONTRACT))
    # No test speaks TLS, and loading the certificates would be most of its time.
    monkeypatch.setattr("ssl.SSLContext.load_verify_locations", lambda *given, **options: None)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run a command as it is written, with a journal of the test's own."""
    monkeypatch.setenv("KIE_JOURNAL", str(tmp_path / "journal.db"))

    def run(*arguments: object) -> Done:
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        monkeypatch.setattr(sys, "argv", ["kie-ideogram", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(ended.value.code, *capsys.readouterr())
        # Taken from what is looked through when the test has ended.
        assert KEY not in done.out + done.err
        return done

    return run


@pytest.fixture
def cli(sandbox: Sandbox, bare: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command against the sandbox."""
    monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
    return lambda *arguments: bare(*arguments, "--base-url", sandbox.url, "--upload-base-url", sandbox.url)


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
