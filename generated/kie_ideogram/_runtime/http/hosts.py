"""Decides whether a host is this machine, or in a private network."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from string import ascii_letters, digits

import httpx


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address is this machine's loopback interface. Names are not resolved."""
    address = _address(host or "")
    return (host or "").rstrip(".").lower() == "localhost" if address is None else address.is_loopback


def is_public(host: str) -> bool:
    """Whether a host may be on the internet. Names are not resolved; see `private_address`."""
    address = _address(host)
    if address is not None:
        return address.is_global
    return not f".{host.rstrip('.').lower()}".endswith(".localhost")


def private_address(host: str, port: int) -> str:
    """Resolve a host's name, and return an address of it that is not public; "" if there is none.

    A name that cannot be resolved has none: a proxy may resolve it, or the connection fails.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    addresses = [str(entry[4][0]) for entry in found]
    return next((address for address in addresses if not is_public(address.partition("%")[0])), "")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a text is, in any notation that connecting to it accepts; None for a name."""
    host = host.rstrip(".")
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host))  # such as 127.1, 2130706433 and 0x7f000001
        except (OSError, ValueError):
            return None
    return getattr(address, "ipv4_mapped", None) or address


def same_server(url: str, base: str) -> bool:
    """Whether a URL is on the server at `base`, by any name of this machine."""
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
    # Servers merge slashes, and httpx removes `.` and `..`, which may have been escaped.
    path = httpx.URL(f"http://host{_SLASHES.sub('/', path)}").raw_path.decode("ascii")
    return f"{url.scheme}://{host}{port}{path.rstrip('/')}"


# The characters that mean the same with and without escaping (RFC 3986).
_UNRESERVED = frozenset(ascii_letters + digits + "-._~")
_SLASHES = re.compile("/+")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def _canonical_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _host(url: httpx.URL) -> str:
    """Return a URL's host as it is looked up: in lower case, as ASCII, without the dot of the root.

    An address has many notations; it is returned in the usual one.
    """
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    address = _address(host)
    return host if address is None else str(address)
