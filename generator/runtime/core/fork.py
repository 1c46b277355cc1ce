"""Forks: a child gets its own of what belongs to its parent, and what neither may inherit is put to rest."""

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

T = TypeVar("T")

_LIVING: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()

# The parent's: closing them here would end them there.
ABANDONED: list[object] = []


class Resting(Protocol):
    """What is at rest while its process forks."""

    def rest(self) -> None:
        """A fork is about to happen. Wait for all others who use it, and keep them out."""
        ...

    def wake(self, *, child: bool) -> None:
        """The fork has happened; this is the child, or the parent."""
        ...


_RESTING: WeakSet[Resting] = WeakSet()
_ASLEEP: list[Resting] = []

# Held over a fork, so that two threads do not fork at once, and nothing begins that would not rest.
_FORKING = threading.Lock()


def renew_after_fork(owner: T, renew: Callable[[T], None]) -> None:
    """Call `renew` with its owner in every child forked from now on, for as long as the owner lives."""
    _LIVING[owner] = renew


def rest_over_fork(one: Resting) -> None:
    """Have it rest over every fork from now on, for as long as it lives; not over half of one."""
    with _FORKING:
        _RESTING.add(one)


def _before() -> None:
    _FORKING.acquire()
    for one in list(_RESTING):
        one.rest()
        _ASLEEP.append(one)


def _after_in_parent() -> None:
    while _ASLEEP:
        _ASLEEP.pop().wake(child=False)
    _FORKING.release()


def _after_in_child() -> None:
    while _ASLEEP:
        _ASLEEP.pop().wake(child=True)
    _FORKING.release()
    for owner, renew in list(_LIVING.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
