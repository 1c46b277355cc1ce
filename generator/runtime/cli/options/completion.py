"""What a shell offers for an argument."""

import os
from collections.abc import Callable

from ...core.errors import KieError
from ..package import Package
from .connection import JOURNAL, default_journal


def complete_task_id(package: Package) -> Callable[[str], list[str]]:
    """Return a function that offers the unfinished tasks of the default journal."""

    def offer(incomplete: str) -> list[str]:
        try:
            path = os.environ.get(package.variable(JOURNAL)) or str(default_journal(package))
            if not os.path.exists(path):  # noqa: PTH110 # a journal would be created
                return []
            with package.client("offline", journal=path) as kie:
                return [task.id for task in kie.resume() if task.id.startswith(incomplete)]
        except KieError:  # a shell completes on every key press: it has no place for a message
            return []

    return offer
