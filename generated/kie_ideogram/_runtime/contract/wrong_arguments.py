"""Points a caller from a wrong argument to the right one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from ..core.errors import Fault, WrongArgumentError
from ..core.identity import FORMER_ARGUMENTS
from .suggest import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")


class Parameters:
    """The parameters of a function, as a caller sees them: without `self`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        code, defaults = function.__code__, function.__defaults__ or ()
        self._names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self._positional = self._names[: code.co_argcount]
        self._optional = {*self._positional[len(self._positional) - len(defaults) :]}
        self._optional |= set(function.__kwdefaults__ or ())

    def check(self, args: tuple[Any, ...], given: Mapping[str, Any]) -> None:
        """Raise `WrongArgumentError` for a call that Python would refuse."""
        for name in given:
            if name not in self._names:
                if renamed := renamed_to(name, self._names):
                    raise _wrong(name, f"renamed to {renamed}")
                raise _wrong(name, f"no such argument{self._listed()}{did_you_mean(name, self._shown())}")
        self.check_positional(args)
        for index, name in enumerate(self._names):
            is_positional = index < min(len(args), len(self._positional))
            if is_positional and name in given:
                raise _wrong(name, "is given twice, by its place and by its name")
            if not is_positional and name not in given and name not in self._optional:
                raise _wrong(name, f"is missing{self._listed()}")

    def check_positional(self, args: tuple[Any, ...]) -> None:
        """Raise `WrongArgumentError` for arguments that must be named."""
        without_name = [name for name in self._positional if name != "self"]
        number = len(args) - (len(self._positional) - len(without_name))
        if number > len(without_name):
            message = f"too many values without a name: {number}, at most {len(without_name)}"
            raise _wrong("arguments", f"{message}{self._listed()}")

    def required(self) -> list[str]:
        """Return the names that have no default."""
        return [name for name in self._shown() if name not in self._optional]

    def _shown(self) -> list[str]:
        return [name for name in self._names if name != "self" and not name.startswith("_")]

    def _listed(self) -> str:
        shown = self._shown()
        if len(shown) < 2:
            return f"; the only argument is {shown[0]}" if shown else "; it takes no arguments"
        return f"; the arguments are {', '.join(shown)}"


def renamed_to(name: str, names: Iterable[str]) -> str | None:
    """Return what an argument of a function with the arguments `names` is called now, if that is another."""
    return next((current for current in FORMER_ARGUMENTS.get(name, ()) if current in names), None)


def explain_wrong_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function raise `WrongArgumentError` that names the right argument."""
    parameters = Parameters(function)
    if inspect.iscoroutinefunction(function):
        # A plain function would not be recognised as a coroutine function by frameworks.
        @wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            try:
                parameters.check(args, kwargs)
                coroutine = function(*args, **kwargs)
            finally:
                del args, kwargs  # of no use while it waits; and see below
            return await coroutine

        return cast("Callable[P, R]", awaited)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            parameters.check(args, kwargs)
            return function(*args, **kwargs)
        finally:
            del args, kwargs  # tracebacks that show local variables must not show a secret argument

    return call


def accept_missing_keywords(method: Callable[P, R]) -> Callable[P, R]:
    """Accept a call without its required keywords, so that the contract's check reports them.

    Python would report only that they are missing. The check reports every fault, and suggests a missing
    keyword for a misspelt one.
    """
    parameters = Parameters(method)
    required = parameters.required()
    if inspect.iscoroutinefunction(method):

        @wraps(method)
        async def awaited(*args: P.args, **given: P.kwargs) -> Any:
            parameters.check_positional(args)
            for name in required:
                given.setdefault(name, None)
            return await method(*args, **given)

        return cast("Callable[P, R]", awaited)

    @wraps(method)
    def call(*args: P.args, **given: P.kwargs) -> R:
        parameters.check_positional(args)
        for name in required:
            given.setdefault(name, None)
        return method(*args, **given)

    return call


def _wrong(name: str, message: str) -> WrongArgumentError:
    return WrongArgumentError([Fault(name, "argument", message)])
