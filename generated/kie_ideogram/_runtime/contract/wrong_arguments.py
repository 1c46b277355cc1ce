"""Points a caller from a former or misspelt name of an argument to the right one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from .suggest import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")


def explain_wrong_arguments(**former: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise `TypeError` that names the right argument for a former or misspelt one."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        shown = [name for name in names if name != "self" and not name.startswith("_")]

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                for name in kwargs:
                    if name in former:
                        raise TypeError(f"{name}: renamed to {former[name]}")
                    if name not in names:
                        raise TypeError(
                            f"{name}: no such argument; the arguments are {', '.join(shown)}"
                            + did_you_mean(name, shown)
                        )
                return function(*args, **kwargs)
            finally:
                del args, kwargs  # tracebacks that show local variables must not show a secret argument

        return call

    return decorate
