"""What a shell offers for an argument."""

import os
from collections.abc import Callable
from typing import Any

from ...core.errors import PackageError
from ..package import Package
from .connection import JOURNAL, default_journal


def complete_task_id(package: Package) -> Callable[[str], list[str]]:
    """Return a function that offers the unfinished tasks of the default journal."""
    return _completion(package, lambda client: [task.id for task in client.resume()])


def complete_unknown_key(package: Package) -> Callable[[str], list[str]]:
    """Return a function that offers the idempotency keys of unknown submissions in the default journal."""
    return _completion(package, lambda client: [one.idempotency_key for one in client.unknown()])


def _completion(package: Package, values: Callable[[Any], list[str]]) -> Callable[[str], list[str]]:
    def offer(incomplete: str) -> list[str]:
        try:
            path = os.environ.get(package.variable(JOURNAL)) or str(default_journal(package))
            if not os.path.exists(path):  # noqa: PTH110 # a journal would be created
                return []
            with package.offline_client(journal=path) as client:
                return [value for value in values(client) if value.startswith(incomplete)]
        except PackageError:  # a shell completes on every key press: it has no place for a message
            return []

    return offer
