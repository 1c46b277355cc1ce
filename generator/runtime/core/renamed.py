"""Points a caller from a former name of an argument to its present one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def refuse_former_arguments(**former: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise `TypeError` that names the new argument for each former one."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                for name in kwargs.keys() & former.keys():
                    raise TypeError(f"{name}: renamed to {former[name]}")
                return function(*args, **kwargs)
            finally:
                del args, kwargs  # tracebacks that show local variables must not show a secret argument

        return call

    return decorate
