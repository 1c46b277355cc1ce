"""Takes out of a recording what is nobody's business, and finds what was left in."""

import re
from collections.abc import Iterator
from typing import Any

from generator.replay.recordings import REDACTED

MARK = "[redacted]"

# A signed query, a token in a link: all of the query goes, because what signs it has many names.
_QUERY = re.compile(r"(https?://[^\s\"'\\?]+)\?[^\s\"'\\]+")

# tempfile.…/kieai/<account number>/…
_ACCOUNT = re.compile(r"(https?://[^\s\"'\\/]+/kieai/)\d+(/)")

_LEFT = (
    (re.compile(rf"Bearer (?!{re.escape(MARK)})\S+"), "a bearer token is left in it"),
    (re.compile(r"(?i)\"(set-)?cookie\""), "a cookie is left in it"),
    (
        re.compile(r"(?i)[?&](x-amz-signature|signature|sign|sig|token|key|auth)="),
        "a signed link is left in it",
    ),
    (re.compile(r"/kieai/[1-9]\d*/"), "an account's number is left in it"),
)


def redacted(value: Any, key: str, base: str, declared: str) -> Any:
    """The same without secrets. `base`, the server's own URL, becomes the `declared` one."""
    if isinstance(value, dict):
        return {name: redacted(member, key, base, declared) for name, member in value.items()}
    if isinstance(value, list):
        return [redacted(item, key, base, declared) for item in value]
    return _text(value, key, base, declared) if isinstance(value, str) else value


def _text(text: str, key: str, base: str, declared: str) -> str:
    if text == REDACTED:
        return text
    # The request's own query is the spec's; those of links inside replies may be signed.
    if not text.startswith(declared):
        text = _QUERY.sub(r"\1", text)
    text = _ACCOUNT.sub(r"\g<1>0\2", text)
    return (text.replace(key, MARK) if key else text).replace(base, declared)


def leaks(text: str, key: str) -> Iterator[str]:
    """What is still in a recording that must not be."""
    if key and key in text:
        yield "the key is left in it"
    yield from (what for pattern, what in _LEFT if pattern.search(text))
