"""Downloads a documentation page, within limits.

Only https addresses on the hosts of the spec's `externalDocs` are requested, after redirects too.
Time and size are limited. If the page was recorded with an `ETag`, the request is conditional.
"""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from generator.diagnostics import Diagnostic, InputError, Location

MAX_BYTES = 2_000_000
MAX_REDIRECTS = 3
TIMEOUT = httpx.Timeout(20, connect=10)
HEADERS = {"User-Agent": "docs-drift", "Accept": "text/markdown, text/plain;q=0.9"}


class Download(NamedTuple):
    """A downloaded page. `content` is None if the page has not changed since `etag`."""

    content: bytes | None
    etag: str | None


def docs_hosts(document: Any) -> set[str]:
    """Return the hosts of every `externalDocs` in the OpenAPI document."""
    if isinstance(document, list):
        return {host for member in document for host in docs_hosts(member)}
    if not isinstance(document, dict):
        return set()
    hosts = {str(urlsplit(document["externalDocs"]["url"]).hostname)} if "externalDocs" in document else set()
    return hosts | {host for member in document.values() for host in docs_hosts(member)}


def download_page(url: str, hosts: set[str], etag: str | None = None) -> Download:
    """Download the page at `url`, which must be on one of `hosts`.

    Raises `InputError`.
    """
    headers = {**HEADERS, **({"If-None-Match": etag} if etag else {})}
    with httpx.Client(timeout=TIMEOUT, headers=headers, follow_redirects=False) as client:
        for _ in range(MAX_REDIRECTS + 1):
            _check_url(url, hosts)
            try:
                with client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        return _read_response(url, response)
                    url = str(response.url.join(response.headers["Location"]))
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                message = (
                    f"the download failed: {type(error).__name__}: {error}; "
                    "save the page to a file and give the file's path"
                )
                raise _page_error(url, message, "page-fetch") from None
    raise _page_error(url, f"more than {MAX_REDIRECTS} redirects", "page-fetch")


def _check_url(url: str, hosts: set[str]) -> None:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError as error:
        raise _page_error(url, f"the address is not a valid URL: {error}", "page-url") from None
    if parts.scheme != "https":
        raise _page_error(url, "the address of a page must begin with https://", "page-url")
    if parts.hostname not in hosts or port not in (None, 443) or parts.username:
        allowed = ", ".join(sorted(hosts))
        message = f"the address must be on a host of the spec's externalDocs: {allowed}"
        raise _page_error(url, message, "page-url")


def _read_response(url: str, response: httpx.Response) -> Download:
    etag = response.headers.get("ETag")
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Download(None, etag)
    if response.status_code != httpx.codes.OK:
        message = f"the server answered {response.status_code}; check the address in a browser"
        raise _page_error(url, message, "page-fetch")
    content = b""
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise _page_error(url, f"the page is larger than the limit of {MAX_BYTES:,} bytes", "page-size")
    return Download(content, etag)


def _page_error(url: str, message: str, rule: str) -> InputError:
    return InputError([Diagnostic(Location(Path(url)), message, rule)])
