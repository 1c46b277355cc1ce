"""A type for sequences of strings that a single string does not match."""

from collections.abc import Iterator
from typing import Any, Protocol, SupportsIndex, TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class SequenceNotStr(Protocol[T_co]):
    """A sequence, such as a list or a tuple. A `str` is a sequence of strings too, but never meant as one."""

    # `str.__contains__` accepts strings only, so a type checker finds that `str` does not match.
    def __contains__(self, value: object, /) -> bool: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T_co]: ...

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> T_co: ...

    @overload
    def __getitem__(self, index: slice, /) -> "SequenceNotStr[T_co]": ...

    def __getitem__(self, index: Any, /) -> Any:
        """Return an item, or a part of the sequence."""
        ...
