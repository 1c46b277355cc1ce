"""What a command loads: help and `--version` need neither httpx nor rich, which take most of a start."""

import json
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


# Runs each command in a separate fork, and prints the libraries that it has loaded. typer, which every
# command may load, is loaded once: its import takes most of the time.
MEASURE = """
import json, os, sys
import typer
from kie_ideogram.__main__ import main

for arguments in json.load(sys.stdin):
    if os.fork():
        assert os.wait()[1] == 0
        continue
    shown, sys.stdout = sys.stdout, open(os.devnull, "w")
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as end:
        assert not end.code
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=shown, flush=True)
    os._exit(0)
"""


def run(home: Path, code: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own code
        [sys.executable, "-c", code, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "HOME": str(home)},
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], set[str]]:
    """Return what each command loads that may load typer and nothing else."""
    measured = [arguments for arguments, allowed in ALLOWED.items() if allowed == {"typer"}]
    home = tmp_path_factory.mktemp("home")
    lines = run(home, MEASURE, given=json.dumps(measured)).stdout.splitlines()
    return {arguments: set(json.loads(line)) for arguments, line in zip(measured, lines, strict=True)}


@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_command_loads_only_what_it_needs(
    arguments: tuple[str, ...], loaded: dict[tuple[str, ...], set[str]], tmp_path: Path
) -> None:
    if arguments in loaded:
        found = loaded[arguments]
    else:
        code = (
            "import atexit, sys\n"
            "from kie_ideogram.__main__ import main\n"
            "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
            "main()"
        )
        found = {name.partition(".")[0] for name in run(tmp_path, code, *arguments).stderr.split()}
    assert "kie_ideogram" in found
    assert found & WATCHED <= ALLOWED[arguments]


def test_help_of_every_command_is_measured() -> None:
    expected = {"edit", "generate", "resume", "mcp", "batch", "batch run", "batch status"}
    assert expected <= {" ".join(words[:-1]) for words in ALLOWED}
