"""Passes requests to httpx: to its transports, or through a client.

Monitors and mocks patch httpx, often after a client of this package was made. So everything that they may
patch is looked up when a request is sent:

- pytest-httpx, vcrpy and OpenTelemetry patch the methods of httpx's transports.
- respx patches the connections and pools of httpcore, or methods of `httpx.Client` below `send`.
- Sentry patches `httpx.Client.send`.

An `httpx.Client` spends a quarter of a call's CPU time on cookies, auth and redirects, which are not wanted.
So requests go directly to a transport as long as no tool has patched that class.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from ...core.errors import ConfigurationError, ServiceUnreachableError
from ...core.reporting.callback import FailureReport

if TYPE_CHECKING:
    from .deadline import Deadline

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)

# The methods of a client that a request passes, and `__init__`, which subclasses of tools override. Most of
# them are private, so a version of httpx may lack some.
_METHODS = [
    name
    for name in (
        "__init__",
        "send",
        "_send_handling_auth",
        "_send_handling_redirects",
        "_send_single_request",
        "_transport_for_url",
    )
    if hasattr(httpx.Client, name)
]


def is_replaced(method: Any, other: Any) -> bool:
    """Whether a tool has replaced a method. `other` is a method of the same module that no tool replaces."""
    return type(method) is not FunctionType or method.__globals__ is not other.__globals__


def _is_patched(client_class: Any) -> bool:
    """Whether a tool has replaced `httpx.Client` or `httpx.AsyncClient`, or a method of it."""
    for name in _METHODS:
        if is_replaced(getattr(client_class, name), httpx.Client.__enter__):
            return isinstance(client_class, type)  # a mock in place of the class cannot send requests
    return False


class SyncRoute:
    """Sends requests through one of httpx's transports."""

    def __init__(self, transport: httpx.BaseTransport, deadline: Deadline) -> None:
        self._transport = transport
        self._deadline = deadline
        self._client: httpx.Client | None = None

    @property
    def ends_in_time(self) -> bool:
        """Whether a request ends after the time that it may take."""
        return self._deadline.applies

    def is_late(self) -> bool:
        """Whether the last request has taken the time that it may take."""
        return self._deadline.is_over()

    def send(self, request: httpx.Request, within: float) -> httpx.Response:
        """Send a request that may take some seconds, with its body. The body is not read yet."""
        self._deadline.set(within)
        if not _is_patched(httpx.Client):
            return self._transport.handle_request(request)
        client = self._client
        if client is None or type(client) is not httpx.Client:
            client = self._client = httpx.Client(transport=self._transport, trust_env=False)
        return client.send(request, auth=None, follow_redirects=False, stream=True)


class AsyncRoute:
    """Sends requests through one of httpx's asyncio transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request. The body of the response is not read yet."""
        if not _is_patched(httpx.AsyncClient):
            return await self._transport.handle_async_request(request)
        client = self._client
        if client is None or type(client) is not httpx.AsyncClient:
            client = self._client = httpx.AsyncClient(transport=self._transport, trust_env=False)
        return await client.send(request, auth=None, follow_redirects=False, stream=True)


class SyncClientRoute:
    """Sends requests through an httpx client. Its time limits are for each read and each write."""

    ends_in_time = False

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._failures = FailureReport("a response hook of http_client")

    def is_late(self) -> bool:
        """Return False: the client raises its time-outs."""
        return False

    def send(self, request: httpx.Request, within: float) -> httpx.Response:
        """Send a request. The body is not read yet."""
        _check_open(self._client)
        client = self._client
        if any(client.event_hooks.values()):
            client = _with_hooks(client, self._before, self._after)
        return client.send(request, auth=None, follow_redirects=False, stream=True)

    def _before(self, hook: Callable[..., Any], request: httpx.Request) -> None:
        try:
            hook(request)
        except Exception as error:
            raise _not_sent(error) from error

    def _after(self, hook: Callable[..., Any], response: httpx.Response) -> None:
        try:
            hook(response)
        except Exception as error:
            self._failures.report(error)


class AsyncClientRoute:
    """Sends requests through an httpx client, for asyncio."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._failures = FailureReport("a response hook of http_client")

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request. The body of the response is not read yet."""
        _check_open(self._client)
        client = self._client
        if any(client.event_hooks.values()):
            client = _with_hooks(client, self._before, self._after)
        return await client.send(request, auth=None, follow_redirects=False, stream=True)

    async def _before(self, hook: Callable[..., Any], request: httpx.Request) -> None:
        try:
            await hook(request)
        except Exception as error:
            raise _not_sent(error) from error

    async def _after(self, hook: Callable[..., Any], response: httpx.Response) -> None:
        try:
            await hook(response)
        except Exception as error:
            self._failures.report(error)


def _with_hooks(client: ClientT, before: Callable[..., Any], after: Callable[..., Any]) -> ClientT:
    """Return a client with the same connections, whose event hooks are called by two functions.

    A hook that raises must not hide a response: it may name a task that is paid for.
    """
    guarded = copy(client)
    guarded.event_hooks = {
        "request": [partial(before, hook) for hook in client.event_hooks["request"]],
        "response": [partial(after, hook) for hook in client.event_hooks["response"]],
    }
    return guarded


def _not_sent(error: Exception) -> ServiceUnreachableError:
    # Without the text of the error, which may contain the request's headers.
    return ServiceUnreachableError(
        f"nothing was sent: a request hook of http_client raised {type(error).__name__}"
    )


def _check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise ConfigurationError("the http_client of this client is closed; make a new one")
