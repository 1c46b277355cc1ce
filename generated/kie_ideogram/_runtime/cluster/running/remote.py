"""A folder for results elsewhere: in an object store, or on any other file system that fsspec knows."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any

from ...batch.input.table import Layout
from ...batch.output.failures import FILES, GivenRow, failures, failures_name
from ...core.errors import ConfigurationError, DownloadError
from ...core.extras import missing_extra
from ...core.text.printable import error_text
from ...media.inputs import is_url


class RemoteFolder:
    """A folder with a URL, such as `s3://bucket/out`. Threads share it."""

    def __init__(self, url: str) -> None:
        """Open the file system. Raises `ConfigurationError`, and `ImportError` without fsspec."""
        try:
            core: Any = import_module("fsspec.core")  # it has no type hints
        except ModuleNotFoundError as error:
            raise missing_extra(error, "remote") from None
        self.url = url.rstrip("/")
        try:
            self._files, root = core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:  # an unknown protocol, or one whose package is missing
            raise ConfigurationError(f"save_to: {_without_query(url)} cannot be used: {error}") from None
        self._root = root.rstrip("/")

    def check(self) -> None:
        """Write and delete a file. Raises `DownloadError`."""
        name = f".check-{token_hex(8)}"
        self.write(name, b"")
        with suppress(Exception):
            self._files.rm_file(f"{self._root}/{name}")

    def write(self, path: str, content: bytes) -> None:
        """Write a small file completely or not at all. Raises `DownloadError`."""
        self._put(path, partial(self._files.pipe_file, value=content))

    def write_failures(self, folder: str, layout: Layout, rows: list[GivenRow]) -> str | None:
        """See `failures.write_failures`. Returns the URL of the file."""
        name = failures_name(layout) if rows else ""
        for other in FILES:
            if other != name:
                with suppress(Exception):  # there is none
                    self._files.rm_file(f"{self._root}/{folder}/{other}")
        if not rows:
            return None
        self.write(f"{folder}/{name}", failures(layout, rows, None))
        return f"{self.url}/{folder}/{name}"

    def store(self, folder: Path, path: str) -> None:
        """Store the files of a local folder, each completely or not at all. Raises `DownloadError`.

        The JSON records are stored last: where there is one, its results are complete.
        """
        incomplete = [*folder.glob(".*"), *folder.glob("*.partial")]
        files = [file for file in folder.iterdir() if file.is_file() and file not in incomplete]
        for file in sorted(files, key=lambda one: (one.suffix == ".json", one.name)):
            self._put(f"{path}/{file.name}", partial(self._files.put_file, str(file)))

    def _put(self, path: str, put: Callable[[str], object]) -> None:
        target = f"{self._root}/{path}"
        parent, _, name = target.rpartition("/")
        temporary = f"{parent}/.{name}.{token_hex(8)}"
        try:
            self._files.makedirs(parent, exist_ok=True)
            put(temporary)
            # In an object store this makes a copy, which appears as a whole.
            self._files.mv(temporary, target)
        except Exception as error:  # each file system raises different ones
            with suppress(Exception):
                self._files.rm_file(temporary)
            what = error_text(error)
            raise DownloadError(f"{_without_query(self.url)}/{path}: {what}") from error


def is_remote(save_to: str | os.PathLike[str]) -> bool:
    """Whether results are to be saved elsewhere."""
    return is_url(save_to)


def _without_query(url: str) -> str:
    """Return a URL without what may be secret."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.partition('?')[0].rpartition('@')[2]}"
