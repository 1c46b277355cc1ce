"""The command `resend`: sends an unknown create once more, by word."""

from collections.abc import Callable

from ...context import Link, linked
from ...format import task_facts, task_lines
from ...package import Package
from .adopt import Key


def command(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resend(link: Link, key: Key) -> None:
        """Send an unknown create once more. If the first one was accepted after all, both are paid for."""
        with link.client() as kie:
            task = kie.resend(key)
        link.terminal.result(task_facts(task), lambda: task_lines(task))

    return linked(package, resend, journal=True)
