"""Replaces typographic characters by plain ones, so that typography changes neither words nor numbers."""

import html
import re
import unicodedata

# U+00A0, U+2000 to U+200A, U+202F, U+205F and U+3000.
_SPACES = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPACE = re.compile(f"[{_SPACES}]")
_THOUSANDS = re.compile(rf"(?<=\d)[{_SPACES}](?=\d{{3}}(?!\d))")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.I)
# Letters, digits and the percent sign; full-width punctuation marks the ends of Chinese sentences.
_FULL_WIDTH = re.compile("[\uff05\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_MARKS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2011": "-", "\u2212": "-"}
)


def plain_typography(text: str) -> str:
    """Return `text` with plain spaces, quotes, hyphens, letters and digits, and without entities."""
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = _INVISIBLE.sub("", _THOUSANDS.sub("", text)).translate(_MARKS)
    text = _FULL_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _SPACE.sub(" ", text)
