"""The sandbox's files, in memory: uploads, results and links to them, each until it expires."""

import mimetypes
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from ...http.hosts import same_server
from .painter import examine

PREFIX = "/media/"
RESULTS = "results/"


class Stored(NamedTuple):
    """A file: its place, its type by content, its pixel size if it is a picture, when it ends.

    `kept` is until when a new link to it can be made, if that is later.
    """

    path: str
    media_type: str
    pixels: tuple[int, int] | None
    expires: float
    read: Callable[[], bytes]
    kept: float = 0

    def url(self, base: str) -> str:
        """Where it is served by the server at `base`."""
        return base + PREFIX + quote(self.path)


class Store:
    """Finds files by their path, or by a URL that leads here."""

    def __init__(self) -> None:
        self._files: dict[str, Stored] = {}

    def put(self, path: str, content: bytes, expires: float) -> Stored:
        """Keep a file. One of the same path is overwritten."""
        picture = examine(content)
        guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
        media_type, pixels = picture or (guessed, None)
        return self.add(Stored(path, media_type, pixels, expires, lambda: content))

    def add(self, file: Stored) -> Stored:
        """Keep a file that is described already."""
        self._files[file.path] = file
        return file

    def get(self, path: str, now: float) -> Stored | None:
        """The file of a path, if there is one and it still lives."""
        file = self._files.get(path)
        return file if file and now < file.expires else None

    def find(self, url: str, base: str, now: float) -> Stored | None:
        """The file of a URL of the server at `base`, as long as it lives."""
        file = self.find_kept(url, base, now)
        return file if file and now < file.expires else None

    def find_kept(self, url: str, base: str, now: float) -> Stored | None:
        """The file of a URL of the server at `base`, as long as a link to it can be made."""
        if not same_server(url, base):
            return None
        path = unquote(urlsplit(url).path)
        file = self._files.get(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
        return file if file and now < max(file.expires, file.kept) else None
