"""Runs git."""

import subprocess
from pathlib import Path

from generator.diagnostics import Diagnostic, InputError, Location


def git(folder: Path, *arguments: str) -> bytes:
    """Return what a git command prints when it runs in a folder. Raises `InputError` with git's message."""
    command = ["git", "-C", str(folder), *arguments]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 # git from PATH
    if run.returncode:
        message = run.stderr.decode("utf-8", "replace").strip() or "git printed no error"
        raise InputError([Diagnostic(Location(folder), message, "revision")])
    return run.stdout
