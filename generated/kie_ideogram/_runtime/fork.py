"""A forked child inherits clients whose connections and locks belong to its parent: it gets its own."""

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

_LIVING: set[WeakMethod[Callable[[], Any]]] = set()

# The parent's: closing them here would end them there.
ABANDONED: list[object] = []


def renew_after_fork(renew: Callable[[], None]) -> None:
    """Call a method in every child forked from now on, for as long as its object lives."""
    _LIVING.add(WeakMethod(renew, _LIVING.discard))


def _renew() -> None:
    for method in list(_LIVING):
        renew = method()
        if renew:
            renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
