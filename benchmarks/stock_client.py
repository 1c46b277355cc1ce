"""Generate the stock client of openapi-python-client from the same spec, for comparison."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

PACKAGE = "stock_client"


def generate(spec: Path, output: Path) -> None:
    """Run the command line of openapi-python-client with its own formatting."""
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    subprocess.run(  # noqa: S603 # the arguments are constant
        [*command, "--path", str(spec), "--output-path", str(output), "--overwrite"],
        check=True,
        capture_output=True,
    )


@contextmanager
def stock_client(spec: Path) -> Iterator[ModuleType]:
    """Generate the client of `spec` and import it."""
    with TemporaryDirectory() as directory:
        generate(spec, Path(directory) / PACKAGE)
        sys.path.insert(0, directory)
        try:
            yield importlib.import_module(PACKAGE)
        finally:
            sys.path.remove(directory)
