"""Removes secrets and account numbers from recordings, and finds remaining ones."""

import re
from collections.abc import Iterator
from typing import Any

from generator.replay.recordings import MARK

# The whole query of a link is removed: signatures and tokens have too many names to list.
_QUERY = re.compile(r"(https?://[^\s\"'\\?]+)\?[^\s\"'\\]+")

# The links of stored files have the number of the account as a part of their path.
_LINK = re.compile(r"https?://[^\s\"'\\?]+")
_NUMBER = re.compile(r"(?<=/)\d+(?=/)")

_LEFT = (
    (re.compile(rf"Bearer (?!{re.escape(MARK)})\S+"), "it still contains a bearer token"),
    (re.compile(r"(?i)\"(set-)?cookie\""), "it still contains a cookie"),
    (
        re.compile(r"(?i)[?&](x-amz-signature|signature|sign|sig|token|key|auth)="),
        "it still contains a signed link",
    ),
    (re.compile(r"https?://[^\s\"'\\?]*/[1-9]\d*/"), "it still contains an account number"),
)


def redacted(value: Any, key: str, base: str, declared: str) -> Any:
    """Return a value without secrets.

    `base`, the URL that was called, becomes the `declared` one.
    """
    if isinstance(value, dict):
        return {name: redacted(member, key, base, declared) for name, member in value.items()}
    if isinstance(value, list):
        return [redacted(item, key, base, declared) for item in value]
    return _redacted_text(value, key, base, declared) if isinstance(value, str) else value


def _redacted_text(text: str, key: str, base: str, declared: str) -> str:
    if text.removeprefix("Bearer ") == MARK:
        return text
    # The query of a request is declared in the spec; that of a link in a reply may be signed.
    if not text.startswith(declared):
        text = _QUERY.sub(r"\1", text)
    text = _LINK.sub(lambda link: _NUMBER.sub("0", link[0]), text)
    return (text.replace(key, MARK) if key else text).replace(base, declared)


def leaks(text: str, key: str) -> Iterator[str]:
    """Yield each kind of secret that a recording still contains."""
    if key and key in text:
        yield "it still contains the API key"
    yield from (what for pattern, what in _LEFT if pattern.search(text))
