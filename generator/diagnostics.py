"""Diagnostics and exit codes of all commands.

A diagnostic is printed as `path:line:col: level: message (rule-id)`, with a path relative to the
working directory. A stage collects all its diagnostics, then raises `InputError` with them.
"""

from enum import IntEnum
from pathlib import Path
from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


class ExitCode(IntEnum):
    """Exit codes of all commands."""

    OK = 0
    DIFFERS = 1  # valid input, but a difference: stale output, drift
    REJECTED = 2  # unreadable or wrong input
    BROKEN = 70  # a crash of the generator; not 1, which Python uses and which means a difference here


class Location(NamedTuple):
    """A place in a file. Lines and columns count from 1; line 0 means the whole file."""

    path: Path
    line: int = 0
    col: int = 0

    def __str__(self) -> str:
        path = self.path
        if path.is_absolute() and path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
        return f"{path.as_posix()}:{self.line}:{self.col}" if self.line else path.as_posix()


class Diagnostic(NamedTuple):
    """One problem: where, what is wrong and what to do, and the id of the rule."""

    location: Location
    message: str
    rule: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.location}: {self.level}: {self.message} ({self.rule})"


class InputError(Exception):
    """Input that a stage rejects, with all its diagnostics in reading order."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = sorted(
            set(diagnostics), key=lambda d: (str(d.location.path), *d.location[1:], d.rule, d.message)
        )
        super().__init__("\n".join(map(str, self.diagnostics)))
