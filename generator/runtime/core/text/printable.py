"""Makes text of the service harmless to a terminal and to a log."""

import json
import re
from typing import Any

# Control characters, with those of C1, which some terminals obey; marks that reorder text; line separators;
# lone surrogates, which cannot be encoded.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str, *, keep: str = "") -> str:
    r"""Return a text with escapes such as `\x1b` in place of control characters, except those in `keep`."""
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def message_of(error: BaseException) -> str:
    """Return the message of an exception. A foreign class may raise while it makes one."""
    try:
        return str(error)
    except Exception as worse:
        return f"its message cannot be read ({type(worse).__name__})"


def error_text(error: BaseException) -> str:
    """Return the type and the message of an exception."""
    return f"{type(error).__name__}: {message_of(error)}".removesuffix(": ")


def json_escaped(document: str) -> str:
    r"""Return a JSON document with escapes such as `\u009b` in place of control characters in its strings."""
    return _UNSAFE.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", document)


def json_bytes(value: Any) -> bytes:
    r"""Return a value as JSON in UTF-8. A lone surrogate becomes the escape that JSON has for it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
