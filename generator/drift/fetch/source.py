"""Where a page comes from: a file, standard input or the web; and its bytes as text."""

import sys
from pathlib import Path
from typing import NamedTuple

from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.fetch.http import MAX_BYTES, fetch


class Page(NamedTuple):
    """The text of a page and what it is called; no text: unchanged since it was recorded."""

    source: str
    text: str | None
    etag: str | None = None


def obtain(page: str, hosts: set[str], etag: str | None = None) -> Page:
    """The page that `page` names: `-`, an https address, or a file. Raises `InputError`."""
    if "://" in page:
        fetched = fetch(page, hosts, etag)
        return Page(page, None if fetched.content is None else decode(fetched.content, page), fetched.etag)
    if page == "-":
        return Page("-", decode(sys.stdin.buffer.read(MAX_BYTES + 1), "-"))
    try:
        content = Path(page).read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}; expected a file, a folder, `-` or an https address"
        raise _refusal(page, message, "page-missing") from None
    return Page(page, decode(content, page))


def decode(content: bytes, source: str) -> str:
    """The bytes of a page as text, or an `InputError` that says where they are none."""
    if len(content) > MAX_BYTES:
        raise _refusal(source, f"larger than {MAX_BYTES} bytes; no page of the service is", "page-size")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, col = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the page as UTF-8"
        raise _refusal(source, message, "page-encoding", line, col) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _refusal(
            source, "a NUL character: this is no text; save the page as UTF-8", "page-encoding", line, 1
        )
    return text.replace("\r\n", "\n")


def _refusal(source: str, message: str, rule: str, line: int = 0, col: int = 0) -> InputError:
    return InputError([Diagnostic(Location(Path(source), line, col), message, rule)])
