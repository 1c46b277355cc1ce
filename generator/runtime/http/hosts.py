"""This machine, and nothing beyond it: the sandbox listens, delivers and fetches nowhere else."""

from ipaddress import ip_address
from urllib.parse import urlsplit


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
    """Whether a URL leads to the server at `base`, by whichever of this machine's names."""
    try:
        one, other = urlsplit(url), urlsplit(base)
        ports = one.port, other.port
    except ValueError:
        return False
    same_host = one.hostname == other.hostname or (is_loopback(one.hostname) and is_loopback(other.hostname))
    return one.scheme == other.scheme and ports[0] == ports[1] and same_host
