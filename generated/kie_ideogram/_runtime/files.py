"""Opens the files that a caller hands in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Fault, InvalidInputError

File = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the content itself, or a seekable binary file."""


@contextmanager
def opened(arguments: dict[str, Any], names: list[str]) -> Iterator[None]:
    """Replace the named arguments by (name, binary file) pairs, closing afterwards what was opened here.

    Raises `InvalidInputError` for what cannot be read, before anything is sent.
    """
    with ExitStack() as stack:
        for name in names:
            file = arguments[name]
            if isinstance(file, bytes):
                arguments[name] = name, BytesIO(file)
            elif isinstance(file, str | os.PathLike):
                path = Path(file)
                try:
                    arguments[name] = path.name, stack.enter_context(path.open("rb"))
                except OSError as error:
                    raise InvalidInputError([Fault(name, "readable", f"{path}: {error.strerror}")]) from None
            elif callable(getattr(file, "read", None)):
                if not file.seekable() or file.read(0) != b"":
                    message = "expected a binary file that can be read again: opened with 'rb', no pipe"
                    raise InvalidInputError([Fault(name, "readable", message)])
                arguments[name] = Path(str(getattr(file, "name", name))).name, file
            else:
                message = f"expected a path, bytes or a binary file, got {type(file).__name__}"
                raise InvalidInputError([Fault(name, "type", message)])
        yield
