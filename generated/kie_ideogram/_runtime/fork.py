"""A forked child inherits clients whose connections and locks belong to its parent: it gets its own."""

import os
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Something that a child cannot share with its parent."""

    def renew(self) -> None:
        """Begin anew."""
        ...


_LIVING: WeakSet[Renewable] = WeakSet()

# The parent's: closing them here would end them there.
ABANDONED: list[object] = []


def renew_after_fork(one: Renewable) -> None:
    """Renew it in every child forked from now on."""
    _LIVING.add(one)


def _renew() -> None:
    for one in list(_LIVING):
        one.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
