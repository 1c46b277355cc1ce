# Generated from spec/ by `make generate`. Do not edit.
"""The command line: `kie-ideogram COMMAND` or `python -m kie_ideogram COMMAND`."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from ._runtime.cli.program import run
        from ._runtime.cli.sandbox import sandbox_command
        from .testing import Sandbox
    except ModuleNotFoundError as error:
        from ._runtime.extras import missing_extra

        sys.exit(f"error: {missing_extra(error, 'sandbox')}")
    run("kie-ideogram", [sandbox_command(Sandbox, "KIE_API_KEY")])


if __name__ == "__main__":
    main()
