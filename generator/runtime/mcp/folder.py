"""Reads pictures from the one folder that an agent may read from."""

import os
import re
import stat
from pathlib import Path
from typing import Any

from ..core.errors import ConfigurationError
from ..media.files import NamedContent

# With Windows' drive letters excluded, because a scheme of one letter is not used.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

# Opening a pipe must not wait, and Windows must not translate line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class UnreadableError(Exception):
    """A picture that the agent may not read, or that cannot be read. The text says why."""


class AllowedFolder:
    """The folder below which pictures may be read. Raises `ConfigurationError` if it is not a folder."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            self.path = Path(path).resolve(strict=True)
            found = self.path.is_dir()
        except (OSError, ValueError):
            found = False
        if not found:
            raise ConfigurationError(f"folder: {os.fspath(path)!r} is not a folder")

    def read(self, given: str, max_bytes: int) -> NamedContent:
        """Return the content of a file, which is read once.

        Args:
            given: A path, absolute or relative to the folder.
            max_bytes: The allowed size.

        Raises:
            UnreadableError: The file is outside the folder, too large, or not a readable file.
        """
        path = self._allowed(given)
        try:
            descriptor = os.open(path, _FLAGS)
        except (OSError, ValueError) as error:
            raise UnreadableError(_reason(given, error)) from None
        try:
            opened = os.fstat(descriptor)
            # Between the check and the opening, a link may have been put in the path.
            if not _is_same_file(self._allowed(given), opened):
                raise UnreadableError(f"{given!r} was replaced while it was opened")
            if not stat.S_ISREG(opened.st_mode):
                raise UnreadableError(f"{given!r} is not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(max_bytes + 1)
        except OSError as error:
            raise UnreadableError(_reason(given, error)) from None
        finally:
            os.close(descriptor)
        if len(content) > max_bytes:
            size = max(opened.st_size, len(content))
            raise UnreadableError(f"{given!r} has {size:,} bytes, at most {max_bytes:,} are allowed")
        return NamedContent(path.name, content)

    def _allowed(self, given: str) -> Path:
        """Return the path without links. Raises `UnreadableError` if it is not below the folder."""
        if _URL.match(given):
            raise UnreadableError(f"{given[:60]!r} is a URL; give the path of a file in {self.path}")
        if not given:
            raise UnreadableError(f"expected the path of a file in {self.path}, got an empty text")
        try:
            path = (self.path / given).resolve()
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a loop of links
            raise UnreadableError(_reason(given, error)) from None
        if not path.is_relative_to(self.path):
            raise UnreadableError(f"{given!r} is outside the allowed folder {self.path}")
        return path


def _is_same_file(path: Path, opened: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), opened)
    except OSError:
        return False


def _reason(given: str, error: Any) -> str:
    return f"{given!r}: {getattr(error, 'strerror', None) or error}"
