# Generated from spec/ by `make generate`. Do not edit.
"""The command line: `kie-ideogram COMMAND` or `python -m kie_ideogram COMMAND`."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._runtime.cli.package import Package


def package() -> "Package":
    """What the commands need of this package."""
    from ._contract import CONTRACT
    from ._help import COMMANDS, HELP, KEY_HELP, TITLE
    from ._runtime.cli.package import Package
    from .callbacks import verify
    from .client import AsyncKie, Kie

    return Package("kie-ideogram", TITLE, CONTRACT, Kie, verify, _sandbox, HELP, COMMANDS, KEY_HELP, AsyncKie)


def _sandbox() -> Any:
    from .testing import Sandbox

    return Sandbox


def main() -> None:
    """Run the command line."""
    try:
        from ._runtime.cli.app import run
    except ModuleNotFoundError as error:
        from ._runtime.core.extras import missing_extra

        extra = "sandbox" if "sandbox" in sys.argv[1:2] else "cli"
        sys.exit(f"error: {missing_extra(error, extra)}")
    except KeyboardInterrupt:  # nothing was started yet
        sys.exit(130)
    run(package())


if __name__ == "__main__":
    main()
