"""Forks: a child gets new connections and locks, and nothing is open that it must not inherit."""

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from .held import Held

T = TypeVar("T")

_RENEWALS: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()

# The parent's connections. Closing them in the child would close them in the parent.
ABANDONED: list[object] = []


class Suspendable(Protocol):
    """An object that must not be in use while its process forks."""

    def before_fork(self) -> None:
        """Wait for all other users of the object, and keep them out."""
        ...

    def after_fork(self, *, child: bool) -> None:
        """Let users in again, in the child or in the parent.

        Ctrl-C may have interrupted `before_fork`, and this too, which is then called again.
        """
        ...


_SUSPENDABLE: WeakSet[Suspendable] = WeakSet()
_SUSPENDED: list[Suspendable] = []

# Held during a fork, so that two threads do not fork at once and no object is registered meanwhile.
_FORK_LOCK = threading.Lock()
_FORKING = Held()


def renew_after_fork(owner: T, renew: Callable[[T], None]) -> None:
    """Call `renew(owner)` in every child forked from now on, for as long as the owner lives."""
    _RENEWALS[owner] = renew


def suspend_during_fork(suspendable: Suspendable) -> None:
    """Suspend an object during every fork from now on, for as long as it lives."""
    with _FORK_LOCK:
        _SUSPENDABLE.add(suspendable)


def _before() -> None:
    _FORKING.acquire(_FORK_LOCK.acquire, _FORK_LOCK.release)
    for suspendable in list(_SUSPENDABLE):
        # Noted first: what Ctrl-C interrupts must be let go of, too.
        _SUSPENDED.append(suspendable)
        suspendable.before_fork()


def _after(*, child: bool) -> None:
    try:
        while _SUSPENDED:
            _SUSPENDED[-1].after_fork(child=child)
            _SUSPENDED.pop()
    except KeyboardInterrupt:
        _after(child=child)  # Python reports it and continues, so everything must be usable again
        raise
    finally:
        _FORKING.release()


def _after_in_parent() -> None:
    _after(child=False)


def _after_in_child() -> None:
    _after(child=True)
    for owner, renew in list(_RENEWALS.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
