"""Fetches a documentation page politely and safely.

Only https, only the host that the spec's own `externalDocs` name, one request (a redirect may
stay on that host), a limit on time and size, and a conditional request where the page was
recorded with its `ETag`.
"""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from generator.diagnostics import Diagnostic, InputError, Location

MAX_BYTES = 2_000_000
MAX_HOPS = 3
TIMEOUT = httpx.Timeout(20, connect=10)
HEADERS = {"User-Agent": "kie-ideogram-docs-drift", "Accept": "text/markdown, text/plain;q=0.9"}


class Fetched(NamedTuple):
    """A page as it came; `content` is None when it has not changed since `etag`."""

    content: bytes | None
    etag: str | None


def docs_hosts(document: Any) -> set[str]:
    """The hosts of every `externalDocs` in the OpenAPI document."""
    if isinstance(document, list):
        return {host for member in document for host in docs_hosts(member)}
    if not isinstance(document, dict):
        return set()
    own = {str(urlsplit(document["externalDocs"]["url"]).hostname)} if "externalDocs" in document else set()
    return own | {host for member in document.values() for host in docs_hosts(member)}


def fetch(url: str, hosts: set[str], etag: str | None = None) -> Fetched:
    """The page at `url`, which has to be on one of `hosts`. Raises `InputError`."""
    headers = {**HEADERS, **({"If-None-Match": etag} if etag else {})}
    with httpx.Client(timeout=TIMEOUT, headers=headers, follow_redirects=False) as client:
        for _ in range(MAX_HOPS + 1):
            _check(url, hosts)
            try:
                with client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        return _read(url, response)
                    url = str(response.url.join(response.headers["Location"]))
            except httpx.HTTPError as error:
                message = (
                    f"cannot be fetched: {type(error).__name__}: {error}; save the page and give its file"
                )
                raise _refusal(url, message, "page-fetch") from None
    raise _refusal(url, f"more than {MAX_HOPS} redirects", "page-fetch")


def _check(url: str, hosts: set[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise _refusal(url, "pages are fetched over https only", "page-url")
    if parts.hostname not in hosts or parts.port not in (None, 443) or parts.username:
        known = ", ".join(sorted(hosts))
        message = f"pages are fetched from the hosts of the spec's externalDocs only: {known}"
        raise _refusal(url, message, "page-url")


def _read(url: str, response: httpx.Response) -> Fetched:
    etag = response.headers.get("ETag")
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Fetched(None, etag)
    if response.status_code != httpx.codes.OK:
        message = f"the server answers {response.status_code}; check the address in a browser"
        raise _refusal(url, message, "page-fetch")
    content = b""
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise _refusal(url, f"larger than {MAX_BYTES} bytes; no page of the service is", "page-size")
    return Fetched(content, etag)


def _refusal(url: str, message: str, rule: str) -> InputError:
    return InputError([Diagnostic(Location(Path(url)), message, rule)])
