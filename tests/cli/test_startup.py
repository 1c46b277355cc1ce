"""What a command loads: help and `--version` need neither httpx nor rich, which take most of a start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import make

WATCHED = {"PIL", "anyio", "asyncio", "attrs", "httpcore", "httpx", "mcp", "rich", "sqlite3", "ssl", "typer"}


def commands(app: typer.Typer, *prefix: str) -> list[tuple[str, ...]]:
    """Return the words of every command that is not hidden."""
    found = [
        (*prefix, command.name or command.callback.__name__.replace("_", "-"))
        for command in app.registered_commands
        if command.callback and not command.hidden
    ]
    for group in app.registered_groups:
        assert group.typer_instance
        found += [(*prefix, str(group.name)), *commands(group.typer_instance, *prefix, str(group.name))]
    return found


# The libraries that a command may load. `httpx` loads rich where it is installed.
ALLOWED: dict[tuple[str, ...], set[str]] = {
    ("--version",): set(),
    ("--help",): {"typer"},
    **{(*words, "--help"): {"typer"} for words in commands(make(package()))},
    ("edit", "--model", "v3-remix", "--help"): {"typer"},
    ("models",): {"rich", "typer"},
    ("unknown",): {"httpx", "rich", "sqlite3", "ssl", "typer"},
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


def test_help_of_every_command_is_measured() -> None:
    expected = {"edit", "generate", "resume", "mcp", "batch", "batch run", "batch status"}
    assert expected <= {" ".join(words[:-1]) for words in ALLOWED}
