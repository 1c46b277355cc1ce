"""What a command loads: help and `--version` need neither httpx nor rich, which take most of a start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import COMMANDS

NAMES = [module.build(package()).__name__.replace("_", "-") for module in COMMANDS]
WATCHED = {"PIL", "anyio", "asyncio", "attrs", "httpcore", "httpx", "rich", "ssl", "typer"}
SENDING = {"anyio", "attrs", "asyncio", "httpcore", "httpx", "rich", "ssl", "typer"}

# The libraries of a client that a command may load. `httpx` loads rich where it is installed.
ALLOWED: dict[tuple[str, ...], set[str]] = {
    ("--version",): set(),
    ("--help",): {"typer"},
    **{(name, "--help"): {"typer"} for name in NAMES},
    ("unknown",): SENDING,
}


@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_command_loads_only_what_it_needs(arguments: tuple[str, ...], tmp_path: Path) -> None:
    code = (
        "import atexit, sys\n"
        "from kie_ideogram.__main__ import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "main()"
    )
    done = subprocess.run(  # our own code
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "kie_ideogram" in loaded
    assert loaded & WATCHED <= ALLOWED[arguments]


def test_every_command_is_listed() -> None:
    assert len(set(NAMES)) == len(COMMANDS)
