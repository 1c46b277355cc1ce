"""This machine, and nothing beyond it: the sandbox listens, delivers and fetches nowhere else."""

import re
from ipaddress import ip_address
from string import ascii_letters, digits

import httpx


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address means this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_public(host: str) -> bool:
    """Whether a host may be somewhere on the internet. Names are not looked up, but for this machine's."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


def same_server(url: str, base: str) -> bool:
    """Whether a URL leads to the server at `base`, by any of this machine's names."""
    try:
        one, other = httpx.URL(url), httpx.URL(base)
    except (httpx.InvalidURL, UnicodeError):
        return False
    host, other_host = _host(one), _host(other)
    same_host = host == other_host or (is_loopback(host) and is_loopback(other_host))
    # httpx leaves out the port that is the scheme's default.
    return one.scheme == other.scheme and one.port == other.port and same_host


def canonical_server(base_url: str) -> str:
    """Return the spelling of a base URL by which servers are compared. Raises `httpx.InvalidURL`."""
    url = httpx.URL(base_url)
    host = _host(url)
    host = f"[{host}]" if ":" in host else host
    port = "" if url.port is None else f":{url.port}"
    path = _ESCAPE.sub(_canonical_escape, url.raw_path.decode("ascii"))
    return f"{url.scheme}://{host}{port}{path.rstrip('/')}"


# The characters that mean the same with and without escaping (RFC 3986).
_UNRESERVED = frozenset(ascii_letters + digits + "-._~")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def _canonical_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _host(url: httpx.URL) -> str:
    """Return a URL's host as it is looked up: in lower case, as ASCII, without the dot of the root."""
    return url.raw_host.decode("ascii").lower().removesuffix(".")
