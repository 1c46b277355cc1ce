"""Runs the command line in the test's own process, on `tests/spec` unless told otherwise."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple

from generator.__main__ import app, run
from tests.generator.edits import SPEC


class Result(NamedTuple):
    out: str
    err: str
    code: int


def command(*words: str) -> Result:
    out, err, code = StringIO(), StringIO(), 0
    spec = () if "--spec" in words else ("--spec", str(SPEC))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            run(lambda: app([*words, *spec], prog_name="python -m generator"))
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(out.getvalue(), err.getvalue(), code)
