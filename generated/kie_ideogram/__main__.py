# Generated from spec/ by `make generate`. Do not edit.
"""The command line: `kie-ideogram COMMAND` or `python -m kie_ideogram COMMAND`."""

import sys
from typing import TYPE_CHECKING, Any, Never

if TYPE_CHECKING:
    from ._runtime.cli.package import Package


def package() -> "Package":
    """What the commands need of this package."""
    from ._contract import CONTRACT
    from ._help import COMMANDS, HELP, KEY_HELP, TITLE
    from ._runtime.cli.package import Package

    return Package(
        "kie-ideogram",
        TITLE,
        CONTRACT,
        _client,
        _verify,
        _sandbox,
        HELP,
        COMMANDS,
        KEY_HELP,
        _async_client,
        _cluster,
    )


# Each is imported when it is used: help needs none of them, and httpx takes most of the start.
def _client(*arguments: Any, **options: Any) -> Any:
    from .client import Kie

    return Kie(*arguments, **options)


def _async_client(*arguments: Any, **options: Any) -> Any:
    from .client import AsyncKie

    return AsyncKie(*arguments, **options)


def _verify(*arguments: Any, **options: Any) -> Any:
    from .callbacks import verify

    return verify(*arguments, **options)


def _cluster() -> Any:
    from .cluster import Cluster

    return Cluster


def _sandbox() -> Any:
    from .testing import Sandbox

    return Sandbox


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:  # without building the commands
        from ._contract import VERSION

        print(f"kie-ideogram {VERSION}")  # noqa: T201 # a result belongs on stdout
        return
    try:
        from ._runtime.cli.app import run
    except ModuleNotFoundError as error:
        _exit_without(error)
    except KeyboardInterrupt:  # nothing was started yet
        sys.exit(130)
    try:
        run(package())
    except ModuleNotFoundError as error:  # of what only some commands load
        _exit_without(error)


def _exit_without(error: ModuleNotFoundError) -> Never:
    from ._runtime.core.extras import missing_extra

    extra = "sandbox" if "sandbox" in sys.argv[1:2] else "cli"
    sys.exit(f"error: {missing_extra(error, extra)}")


if __name__ == "__main__":
    main()
