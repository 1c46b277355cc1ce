"""Standard output and error that cannot stop a paid task: unwritable characters, closed pipes."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO


def escape_unwritable() -> None:
    """Write characters that stdout and stderr cannot encode as escapes, instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def can_write(text: str, stream: TextIO | None) -> bool:
    """Whether a stream can encode a text without escapes."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def discard(stream: TextIO | None) -> None:
    """Send what is still buffered, and everything later, to the null device.

    Python flushes its streams when it exits. If that fails, it replaces the exit code.
    """
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())  # type: ignore[union-attr] # suppressed: a process may have no stderr
        finally:
            os.close(null)


class UnbreakableStream(io.TextIOBase):
    """Passes text to stderr, and drops it once stderr is closed.

    Progress is shown while a task is paid for: a reader such as `head` that closes the pipe must not
    end the command before the result is saved.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # a plain attribute there
        """The encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        if self._stream is None:
            raise io.UnsupportedOperation("no stream")
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write, or drop the text."""
        if self._stream is not None:
            try:
                self._stream.write(text)
            except (OSError, ValueError):
                self._drop()
        return len(text)

    def flush(self) -> None:
        """Flush, or drop what is buffered."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._drop()

    def _drop(self) -> None:
        discard(self._stream)
        self._stream = None
