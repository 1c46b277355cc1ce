"""A forked child inherits clients whose connections and locks belong to its parent: it gets its own."""

import os
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_LIVING: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()

# The parent's: closing them here would end them there.
ABANDONED: list[object] = []


def renew_after_fork(owner: T, renew: Callable[[T], None]) -> None:
    """Call `renew` with its owner in every child forked from now on, for as long as the owner lives."""
    _LIVING[owner] = renew


def _renew() -> None:
    for owner, renew in list(_LIVING.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
