"""Loads the text of a page from a file, standard input or the web."""

import sys
from pathlib import Path
from typing import NamedTuple

from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.fetch.download import MAX_BYTES, download_page


class LoadedPage(NamedTuple):
    """The text of a page and its source.

    `text` is None if the page has not changed since `etag`.
    """

    source: str
    text: str | None
    etag: str | None = None


def load_page(page: str, hosts: set[str], etag: str | None = None) -> LoadedPage:
    """Load the page that `page` names: `-`, an https address, or a file.

    Raises `InputError`.
    """
    if "://" in page:
        download = download_page(page, hosts, etag)
        text = None if download.content is None else _decode(download.content, page)
        return LoadedPage(page, text, download.etag)
    if page == "-":
        return LoadedPage("-", _decode(sys.stdin.buffer.read(MAX_BYTES + 1), "-"))
    try:
        content = Path(page).read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}; expected a file, a folder, `-` or an https address"
        raise _page_error(page, message, "page-missing") from None
    return LoadedPage(page, _decode(content, page))


def _decode(content: bytes, source: str) -> str:
    """Decode a page as UTF-8, with normalised line ends. Raises `InputError`."""
    if len(content) > MAX_BYTES:
        raise _page_error(source, f"the page is larger than the limit of {MAX_BYTES:,} bytes", "page-size")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, col = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the page as UTF-8"
        raise _page_error(source, message, "page-encoding", line, col) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        message = "the page contains a NUL character and is not text; save the page as UTF-8"
        raise _page_error(source, message, "page-encoding", line, 1)
    return text.replace("\r\n", "\n")


def _page_error(source: str, message: str, rule: str, line: int = 0, col: int = 0) -> InputError:
    return InputError([Diagnostic(Location(Path(source), line, col), message, rule)])
