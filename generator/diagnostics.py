"""How every complaint of the generator looks, and what a command's exit code means.

One printed form: `path:line:col: level: message (rule-id)`. Paths are relative to where the
command runs. A stage collects all its complaints, then raises `InputError` with them.
"""

from enum import IntEnum
from pathlib import Path
from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


class ExitCode(IntEnum):
    """What a command's exit code means."""

    OK = 0
    DIFFERS = 1  # readable, but not in step: stale output, drift
    REJECTED = 2  # unreadable or wrong input
    BROKEN = 70  # a fault of the generator's own, which no caller may take for one of the above


class Location(NamedTuple):
    """A place in a file; lines and columns count from 1. Line 0 means the file as a whole."""

    path: Path
    line: int = 0
    col: int = 0

    def __str__(self) -> str:
        path = self.path
        if path.is_absolute() and path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
        return f"{path.as_posix()}:{self.line}:{self.col}" if self.line else path.as_posix()


class Diagnostic(NamedTuple):
    """One complaint: where, what was expected and what to do, and the rule that says so."""

    location: Location
    message: str
    rule: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.location}: {self.level}: {self.message} ({self.rule})"


class InputError(Exception):
    """Input that a stage refuses, with every complaint it has, in reading order."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = sorted(
            set(diagnostics), key=lambda d: (str(d.location.path), *d.location[1:], d.rule, d.message)
        )
        super().__init__("\n".join(map(str, self.diagnostics)))
