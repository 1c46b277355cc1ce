"""Runs the commands in the test's own process, on `tests/spec` by default."""

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from generator.__main__ import app, run
from generator.diagnostics import ExitCode, InputError
from generator.drift.commands import CommandResult
from tests.generator.edits import SPEC

# Each folder has a page and the expected output.
CASES = Path(__file__).parent / "cases"


class Result(NamedTuple):
    out: str
    err: str
    code: int


def command(*words: str) -> Result:
    """Run a command line."""
    out, err, code = StringIO(), StringIO(), 0
    spec = () if "--spec" in words else ("--spec", str(SPEC))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            run(lambda: app([*words, *spec], prog_name="python -m generator"))
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(out.getvalue(), err.getvalue(), code)


def call_command(function: Callable[[], CommandResult]) -> Result:
    """Call the function of a command, where a test needs arguments that the command line does not have."""
    try:
        text, complaints, code = function()
    except InputError as error:
        return Result("", f"{error}\n", ExitCode.REJECTED)
    return Result(f"{text}\n", "".join(f"{complaint}\n" for complaint in complaints), code)
