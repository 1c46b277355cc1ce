"""Decides which links of a result may be fetched."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import httpx

from ...contract.describe import describe
from ...core.errors import DownloadError
from ...http.hosts import is_loopback, is_public, private_address


class Link(NamedTuple):
    """One entry of a task's result, and `problem`: why nothing is fetched from it, if so."""

    number: int
    """Its place in the result, from 1."""
    url: str
    """The entry as the service sent it; empty if it is not text."""
    problem: str = ""


def read_links(entries: Iterable[Any], *, local_service: bool) -> list[Link]:
    """Check the links of a result. `local_service`: the service is on this machine, as the sandbox is."""
    links: list[Link] = []
    first: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        try:
            if not isinstance(entry, str) or not entry:
                raise DownloadError(f"the result link is {describe(entry) if entry else 'missing'}")
            if entry in first:
                raise DownloadError(f"the result link is the same as that of result {first[entry]}")
            check_url(entry, local_service=local_service)
        except DownloadError as error:
            links.append(Link(number, entry if isinstance(entry, str) else "", error.args[0]))
        else:
            first[entry] = number
            links.append(Link(number, entry))
    return links


def check_url(url: str, *, local_service: bool) -> httpx.URL:
    """Return a result link that may be fetched, as far as its text says. Raises `DownloadError`."""
    try:
        address = httpx.URL(url)
        host = address.host
        # The codec of the standard library, which looks up the host, accepts fewer names than httpx.
        address.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, UnicodeError, IndexError) as error:
        raise DownloadError(f"the result link is not a URL: {error}") from None
    if not host:
        raise DownloadError(f"the result link names no host: {describe(url)}")
    if address.userinfo:
        raise DownloadError(f"the result link to {host} contains a user or password")
    if local_service and is_loopback(host) and address.scheme in ("http", "https"):
        return address
    if address.scheme != "https":
        raise DownloadError(f"the result link is not https: {address.scheme}://{host}")
    if not is_public(host):
        raise DownloadError(f"the result link leads into a private network: {host}")
    return address


def resolve_links(links: list[Link]) -> list[Link]:
    """Check the addresses of the links' hosts, each once. May block."""
    problems: dict[tuple[str, int], str] = {}
    resolved = []
    for link in links:
        if link.problem:
            resolved.append(link)
            continue
        url = httpx.URL(link.url)
        host = url.host, url.port or 443
        if host not in problems:
            problems[host] = address_problem(url)
        problem = problems[host]
        resolved.append(link._replace(problem=problem))
    return resolved


def address_problem(url: httpx.URL) -> str:
    """Return why a host must not be connected to: its name is of a private network; "" if it may."""
    if is_loopback(url.host):
        return ""  # `check_url` allowed it
    address = private_address(url.raw_host.decode("ascii"), url.port or 443)
    return f"the result link leads into a private network: {url.host} is {address}" if address else ""
