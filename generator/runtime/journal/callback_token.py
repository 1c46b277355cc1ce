"""The mark that a callback's URL carries: which job it is for, proven to be ours.

The service signs the task's id and the time, not the URL. Without a proof of our own, anyone who
knows a signed callback could bind its task to another job.
"""

import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PARAMETER = "kie-job"


def sign(secret: bytes, reference: str) -> str:
    """The mark of a reference."""
    return f"{reference}.{hmac.digest(secret, reference.encode(), 'sha256').hex()}"


def proven(secret: bytes, mark: str) -> str | None:
    """The reference of a mark that is ours."""
    if not mark.isascii():
        return None
    reference = mark.partition(".")[0]
    ours = sign(secret, reference).encode()
    return reference if hmac.compare_digest(ours, mark.encode()) else None


def marked(url: str, mark: str) -> str:
    """The URL with the mark added to its query."""
    parts = urlsplit(url)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=query + urlencode({PARAMETER: mark})))


def mark_of(url: str) -> str | None:
    """The mark in a URL, or in the query of one."""
    query = urlsplit(url).query or url
    return dict(parse_qsl(query)).get(PARAMETER)
