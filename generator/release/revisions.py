"""Finds a contract by folder, by file, or by git revision."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import ARAZZO, OPENAPI, Source, read
from generator.diagnostics import Diagnostic, InputError, Location

_ARAZZO = re.compile(rb"^arazzo\s*:", re.M)


def find(name: str, spec: Path) -> Source:
    """The contract in the folder `name`, with the file `name`, or of `spec` at the git revision `name`.

    A file of any name is one of the two documents; the other stands beside it, or in `spec`.
    Raises `InputError` where there is none, and for what the lint refuses.
    """
    path = Path(name)
    if path.is_dir():
        return read(path)
    if path.is_file():
        own = ARAZZO if _ARAZZO.search(path.read_bytes()) else OPENAPI
        folders = {
            file: path.parent if (path.parent / file).is_file() else spec for file in (OPENAPI, ARAZZO)
        }
        paths = {file: folder / file for file, folder in folders.items()} | {own: path}
        return _read({file: place.read_bytes() for file, place in paths.items()}, paths)
    contents = {file: _show(name, file, spec) for file in (OPENAPI, ARAZZO)}
    try:
        return _read(contents, {file: Path(f"{name}:{file}") for file in contents})
    except InputError as error:
        message = (
            "this revision keeps to older rules than today's; write its two documents into a folder, mend "
            "there what is named beside this, and compare with the folder"
        )
        raise InputError(
            [*error.diagnostics, Diagnostic(Location(Path(name)), message, "revision")]
        ) from None


def _show(revision: str, file: str, spec: Path) -> bytes:
    # `./` makes git look beside the folder that it runs in, wherever the repository's top is.
    command = ["git", "show", "--end-of-options", f"{revision}:./{file}"]
    run = subprocess.run(command, cwd=spec, capture_output=True, check=False)  # noqa: S603 # git as found; the revision is one argument
    if run.returncode:
        said = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["git said nothing"]
        message = f"neither a folder, a file nor a revision that holds {file}: {said[0]}"
        raise InputError([Diagnostic(Location(Path(revision)), message, "revision")])
    return run.stdout


def _read(contents: dict[str, bytes], paths: dict[str, Path]) -> Source:
    """The contract that these files are; its faults are told at `paths`."""
    with TemporaryDirectory() as directory:
        for file, content in contents.items():
            (Path(directory) / file).write_bytes(content)
        try:
            return read(Path(directory))
        except InputError as error:
            raise InputError([_moved(fault, paths) for fault in error.diagnostics]) from None


def _moved(fault: Diagnostic, paths: dict[str, Path]) -> Diagnostic:
    location = fault.location
    return fault._replace(location=location._replace(path=paths.get(location.path.name, location.path)))
