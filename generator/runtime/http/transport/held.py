"""Holds the connections of one transport, in place of the connection pool of httpcore.

A pool queues requests and looks for a free connection several times per request. Here, a transport sends one
request at a time, so neither is needed, and without them a blocking call takes a twelfth less CPU time and an
asyncio call two fifths less. The connections are httpcore's own, and are made as its pool makes them.
"""

from __future__ import annotations

import ssl
from typing import Any, TypeVar

import httpcore
import httpx

from .routes import is_replaced

# One connection to the API, and one to the server of uploads or results.
MOST = 2

_Connection = TypeVar("_Connection", httpcore.ConnectionInterface, httpcore.AsyncConnectionInterface)


def hold_connections(
    transport: httpx.HTTPTransport | httpx.AsyncHTTPTransport, context: ssl.SSLContext, idle: float
) -> None:
    """Make a transport without a proxy hold its connections, each for `idle` seconds after a request."""
    # httpx has no public way to choose a pool, and its versions may differ.
    kind = type(getattr(transport, "_pool", None))
    if isinstance(transport, httpx.HTTPTransport):
        if kind is httpcore.ConnectionPool:
            transport._pool = _HeldConnections(ssl_context=context, keepalive_expiry=idle)
    elif kind is httpcore.AsyncConnectionPool:
        transport._pool = _AsyncHeldConnections(ssl_context=context, keepalive_expiry=idle)


class _HeldConnections(httpcore.ConnectionPool):
    """Sends one request at a time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._held: list[httpcore.ConnectionInterface] = []

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request. The body of the response is not read yet."""
        pool = httpcore.ConnectionPool
        if is_replaced(pool.handle_request, pool.create_connection):
            return super().handle_request(request)
        connection, unusable = _choose(self._held, request.url.origin)
        for one in unusable:
            one.close()  # before it is removed: an interruption may come in between
            self._held.remove(one)
        if connection is None:
            connection = self.create_connection(request.url.origin)
            self._held.append(connection)
        return connection.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for connection in list(self._held):
            connection.close()
        super().close()


class _AsyncHeldConnections(httpcore.AsyncConnectionPool):
    """Sends one request at a time, for asyncio."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._held: list[httpcore.AsyncConnectionInterface] = []

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request. The body of the response is not read yet."""
        pool = httpcore.AsyncConnectionPool
        if is_replaced(pool.handle_async_request, pool.create_connection):
            return await super().handle_async_request(request)
        connection, unusable = _choose(self._held, request.url.origin)
        for one in unusable:
            await one.aclose()
            self._held.remove(one)
        if connection is None:
            connection = self.create_connection(request.url.origin)
            self._held.append(connection)
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        for connection in list(self._held):
            await connection.aclose()
        await super().aclose()


def _choose(held: list[_Connection], origin: httpcore.Origin) -> tuple[_Connection | None, list[_Connection]]:
    """Return the connection for a request, if there is one, and the connections to close before it."""
    usable: list[_Connection] = []
    unusable: list[_Connection] = []
    for connection in held:
        # Its last request was not completed, or the server has closed it, or it was idle for too long.
        is_usable = connection.is_available() and not connection.has_expired()
        (usable if is_usable else unusable).append(connection)
    for connection in usable:
        if connection.can_handle_request(origin):
            return connection, unusable
    return None, unusable + usable[: max(0, len(usable) - MOST + 1)]
