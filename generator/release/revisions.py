"""Finds a contract by folder, by file, or by git revision."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import ARAZZO, OPENAPI, Source, read
from generator.diagnostics import Diagnostic, InputError, Location


def find(name: str, spec: Path) -> Source:
    """The contract in the folder `name`, beside the file `name`, or of `spec` at the git revision `name`.

    Raises `InputError` where there is none, and for what the lint refuses.
    """
    path = Path(name)
    if path.is_dir():
        return read(path)
    if path.is_file():
        return read(path.parent)
    with TemporaryDirectory() as directory:
        for file in (OPENAPI, ARAZZO):
            # `./` makes git look beside the folder that it runs in, wherever the repository's top is.
            command = ["git", "show", f"{name}:./{file}"]
            run = subprocess.run(command, cwd=spec, capture_output=True, check=False)  # noqa: S603 # git as found; the revision is one argument
            if run.returncode:
                said = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["git said nothing"]
                message = f"neither a folder, a file nor a revision that holds {file}: {said[0]}"
                raise InputError([Diagnostic(Location(path), message, "revision")])
            (Path(directory) / file).write_bytes(run.stdout)
        try:
            return read(Path(directory))
        except InputError as error:
            raise InputError([_renamed(fault, name) for fault in error.diagnostics]) from None


def _renamed(fault: Diagnostic, revision: str) -> Diagnostic:
    """Name a file of a revision as git does, not as the temporary copy."""
    location = fault.location
    return fault._replace(location=location._replace(path=Path(f"{revision}:{location.path.name}")))
