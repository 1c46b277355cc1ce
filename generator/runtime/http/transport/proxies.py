"""Sends requests through the proxies of the environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.

httpx reads these variables only for its clients, which are not used here. It also fails if NO_PROXY contains
a network of IPv6, and it sends requests to this machine through the proxy.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.request import getproxies

import httpx

from ..hosts import is_loopback


class Proxies(NamedTuple):
    """The proxies of the environment."""

    urls: dict[str, str]
    """The URL of the proxy for a scheme, or for "all"."""
    exceptions: tuple[str, ...]
    """The entries of NO_PROXY."""

    def proxy_for(self, url: httpx.URL) -> str | None:
        """Return the URL of the proxy for a request; None if the request is sent without one."""
        proxy = self.urls.get(url.scheme) or self.urls.get("all")
        if not proxy or is_loopback(url.host) or any(_matches(entry, url) for entry in self.exceptions):
            return None
        return proxy


def environment_proxies() -> Proxies | None:
    """Return the proxies of the environment, if there are any."""
    found = getproxies()
    urls = {
        scheme: found[scheme] if "://" in found[scheme] else f"http://{found[scheme]}"
        for scheme in ("http", "https", "all")
        if found.get(scheme)
    }
    if not urls:
        return None
    entries = (entry.strip().lower() for entry in found.get("no", "").split(","))
    return Proxies(urls, tuple(entry for entry in entries if entry))


def _matches(entry: str, url: httpx.URL) -> bool:
    """Whether an entry of NO_PROXY covers a URL: a domain, an address or a network, or "*"."""
    scheme, _, place = entry.rpartition("://")
    if scheme not in ("", "all", url.scheme):
        return False
    try:
        return ip_address(url.host) in ip_network(place.strip("[]"), strict=False)
    except ValueError:
        pass  # the entry is not a network, or the host is a name
    host, _, port = place.rpartition(":")
    if not host or place.endswith("]"):
        host, port = place, ""
    if port and port != str(url.port or {"http": 80, "https": 443}.get(url.scheme)):
        return False
    domain = host.strip("[]").removeprefix("*").removeprefix(".")
    return host == "*" or url.host == domain or url.host.endswith(f".{domain}")


class SyncProxyTransport(httpx.BaseTransport):
    """Sends each request through the proxy for its URL."""

    def __init__(self, proxies: Proxies, make: Callable[[str | None], httpx.BaseTransport]) -> None:
        self._proxies = proxies
        self._transports = {proxy: make(proxy) for proxy in (None, *proxies.urls.values())}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return self._transports[self._proxies.proxy_for(request.url)].handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            transport.close()


class AsyncProxyTransport(httpx.AsyncBaseTransport):
    """Sends each request through the proxy for its URL, for asyncio."""

    def __init__(self, proxies: Proxies, make: Callable[[str | None], httpx.AsyncBaseTransport]) -> None:
        self._proxies = proxies
        self._transports = {proxy: make(proxy) for proxy in (None, *proxies.urls.values())}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return await self._transports[self._proxies.proxy_for(request.url)].handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            await transport.aclose()
