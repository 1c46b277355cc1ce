"""The sandbox's files, in memory: uploads, results and links to results, each until it expires."""

import mimetypes
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from ...http.hosts import same_server
from ...media.sniff import read_header
from .renderer import identify_picture

PREFIX = "/media/"
RESULTS = "results/"


class StoredFile(NamedTuple):
    """A file: its path, its media type, its pixel size if it is a picture, and when it expires.

    A new link to it can be made until `renewable_until`, if that is later.
    """

    path: str
    media_type: str
    pixels: tuple[int, int] | None
    expires: float
    read: Callable[[], bytes]
    renewable_until: float = 0

    def url(self, base: str) -> str:
        """Return its URL at the server with this base URL."""
        return base + PREFIX + quote(self.path)


class FileStore:
    """Finds files by their path, or by their URL."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}

    def put(self, path: str, content: bytes, expires: float) -> StoredFile:
        """Store content as a file. It replaces a file with the same path."""
        picture = identify_picture(content)
        named = mimetypes.guess_type(path)[0] or "application/octet-stream"
        media_type, pixels = picture or (read_header(BytesIO(content)).media_type or named, None)
        return self.add(StoredFile(path, media_type, pixels, expires, lambda: content))

    def add(self, file: StoredFile) -> StoredFile:
        """Store a file."""
        self._files[file.path] = file
        return file

    def get(self, path: str, now: float) -> StoredFile | None:
        """Return the file with a path, unless it has expired."""
        file = self._files.get(path)
        return file if file and now < file.expires else None

    def find(self, url: str, base: str, now: float) -> StoredFile | None:
        """Return the file with a URL of this server, unless it has expired."""
        file = self.find_renewable(url, base, now)
        return file if file and now < file.expires else None

    def find_renewable(self, url: str, base: str, now: float) -> StoredFile | None:
        """Return the file with a URL of this server, while a link to it can be made."""
        if not same_server(url, base):
            return None
        path = unquote(urlsplit(url).path)
        file = self._files.get(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
        return file if file and now < max(file.expires, file.renewable_until) else None
