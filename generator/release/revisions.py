"""Finds a contract by a folder, a file, or a git revision."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import ARAZZO, OPENAPI, Source, read_spec
from generator.diagnostics import Diagnostic, InputError, Location
from generator.release.git import git

_ARAZZO = re.compile(rb"^arazzo\s*:", re.M)


def find_contract(name: str, spec: Path) -> Source:
    """Return the contract in a folder, with a file, or of `spec` at a git revision.

    A file of any name is one of the two documents; the other is in the same folder, or in `spec`.
    Raises `InputError` if there is no such contract, and for the faults that lint finds in it.
    """
    path = Path(name)
    if path.is_dir():
        return read_spec(path)
    if path.is_file():
        own = ARAZZO if _ARAZZO.search(path.read_bytes()) else OPENAPI
        folders = {
            file: path.parent if (path.parent / file).is_file() else spec for file in (OPENAPI, ARAZZO)
        }
        paths = {file: folder / file for file, folder in folders.items()} | {own: path}
        return _read_documents({file: place.read_bytes() for file, place in paths.items()}, paths)
    contents = {file: _read_revision(name, file, spec) for file in (OPENAPI, ARAZZO)}
    try:
        return _read_documents(contents, {file: Path(f"{name}:{file}") for file in contents})
    except InputError as error:
        message = (
            "the documents of this revision do not pass today's lint; write them to a folder, fix the "
            "errors below there, and compare with the folder"
        )
        raise InputError(
            [*error.diagnostics, Diagnostic(Location(Path(name)), message, "revision")]
        ) from None


def _read_revision(revision: str, file: str, spec: Path) -> bytes:
    # `./` makes the path relative to the working directory instead of the top of the repository.
    try:
        return git(spec, "show", "--end-of-options", f"{revision}:./{file}")
    except InputError as error:
        (reason, *_) = error.diagnostics[0].message.splitlines()
        message = f"not a folder, a file or a git revision with {file}: {reason}"
        raise InputError([Diagnostic(Location(Path(revision)), message, "revision")]) from None


def _read_documents(contents: dict[str, bytes], paths: dict[str, Path]) -> Source:
    """Return the contract of these texts; its faults are reported at `paths`."""
    with TemporaryDirectory() as directory:
        for file, content in contents.items():
            (Path(directory) / file).write_bytes(content)
        try:
            return read_spec(Path(directory))
        except InputError as error:
            raise InputError([_relocated(fault, paths) for fault in error.diagnostics]) from None


def _relocated(fault: Diagnostic, paths: dict[str, Path]) -> Diagnostic:
    location = fault.location
    return fault._replace(location=location._replace(path=paths.get(location.path.name, location.path)))
