"""The token in a callback's URL: which submission the callback belongs to, signed by the journal.

The service signs the task's id and the time, not the URL. Without a signature of the journal's own,
anyone who knows one signed callback could attach its task to another submission.
"""

import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..core.identity import CALLBACK_PARAMETER


def sign(secret: bytes, reference: str) -> str:
    """Return the token of a submission's reference."""
    return f"{reference}.{hmac.digest(secret, reference.encode(), 'sha256').hex()}"


def verify(secret: bytes, token: str) -> str | None:
    """Return the reference of a token that this journal signed, or None."""
    if not token.isascii():
        return None
    reference = token.partition(".")[0]
    expected = sign(secret, reference).encode()
    return reference if hmac.compare_digest(expected, token.encode()) else None


def add_token(url: str, token: str) -> str:
    """Return the URL with the token added to its query."""
    parts = urlsplit(url)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=query + urlencode({CALLBACK_PARAMETER: token})))


def token_of(url: str) -> str | None:
    """Return the token in a URL, or in the query of one; None if there is none."""
    query = urlsplit(url).query or url
    return dict(parse_qsl(query)).get(CALLBACK_PARAMETER)
