"""What openapi-python-client makes of the same spec when nothing is changed, for comparison."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

PACKAGE = "untouched_client"


def generate(spec: Path, output: Path) -> None:
    """Run openapi-python-client as its command line does, with its own formatting."""
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    subprocess.run(  # noqa: S603 # our own arguments
        [*command, "--path", str(spec), "--output-path", str(output), "--overwrite"],
        check=True,
        capture_output=True,
    )


@contextmanager
def untouched(spec: Path) -> Iterator[ModuleType]:
    """Make its client of `spec` and import it."""
    with TemporaryDirectory() as directory:
        generate(spec, Path(directory) / PACKAGE)
        sys.path.insert(0, directory)
        try:
            yield importlib.import_module(PACKAGE)
        finally:
            sys.path.remove(directory)
