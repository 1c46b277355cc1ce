"""Decides whether a host is this machine, or in a private network."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit


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
        one, other = urlsplit(url), urlsplit(base)
        ports = one.port, other.port
    except ValueError:
        return False
    same_host = one.hostname == other.hostname or (is_loopback(one.hostname) and is_loopback(other.hostname))
    return one.scheme == other.scheme and ports[0] == ports[1] and same_host
