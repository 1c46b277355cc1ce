"""Ends a blocking request at its deadline, whatever its connection does.

The time limits of httpx apply to each read and each write. A server that sends a head in small pieces, or
interim responses without an end, would hold a blocking caller permanently. So the network streams of httpcore
are wrapped: each operation gets at most the time that is left.

Only the look-up of a host name cannot be limited in this way. It is done in a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from ipaddress import ip_address
from math import inf
from typing import Any

import httpcore
import httpx

from ...core.clock import SYSTEM_CLOCK

# A large buffer is written in pieces of this size, because one write may wait several times.
_PIECE = 65536


class Deadline:
    """When the current request of one transport must be complete, by the clock of the machine."""

    __slots__ = ("_at", "applies")

    def __init__(self) -> None:
        self._at = inf
        self.applies = False
        """Whether the connections of the transport end at the deadline."""

    def set(self, seconds: float) -> None:
        """Begin a request that must be complete in some seconds."""
        self._at = SYSTEM_CLOCK.monotonic() + seconds

    def is_over(self) -> bool:
        """Whether the request has no time left."""
        return SYSTEM_CLOCK.monotonic() >= self._at

    def limit(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """Return the seconds that an operation may take. Raises `error` if none are left."""
        left = self._at - SYSTEM_CLOCK.monotonic()
        if left <= 0:
            raise error("the time limit of the request is over")
        return left if timeout is None or left < timeout else timeout


def apply_deadline(transport: httpx.HTTPTransport, deadline: Deadline) -> None:
    """Make a deadline apply to the connections of a transport."""
    # httpx has no public way to pass a network backend to httpcore, and its versions may differ.
    pool = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)
    if pool is not None and backend is not None:
        pool._network_backend = _Backend(backend, deadline)
        deadline.applies = True


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._backend = backend
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.limit(timeout, httpcore.ConnectTimeout)

        def connect() -> httpcore.NetworkStream:
            return self._backend.connect_tcp(host, port, seconds, local_address, socket_options)

        try:
            ip_address(host)
        except ValueError:
            return _Stream(_connect_within(seconds, connect), self._deadline)
        return _Stream(connect(), self._deadline)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.limit(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, seconds, socket_options), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(self._deadline.limit(seconds, httpcore.ConnectTimeout))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.limit(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._stream.write(piece, self._deadline.limit(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.limit(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _connect_within(seconds: float, connect: Callable[[], httpcore.NetworkStream]) -> httpcore.NetworkStream:
    """Connect in a thread, and abandon it after some seconds."""
    future: Future[httpcore.NetworkStream] = Future()

    def work() -> None:
        try:
            stream = connect()
        except BaseException as error:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
        else:
            if future.set_running_or_notify_cancel():
                future.set_result(stream)
            else:
                stream.close()

    threading.Thread(target=work, daemon=True).start()
    try:
        return future.result(min(seconds, threading.TIMEOUT_MAX))
    except TimeoutError:
        if future.cancel():
            raise httpcore.ConnectTimeout("timed out") from None
        return future.result()  # it has ended in this moment
    except BaseException:
        future.cancel()  # if the caller was interrupted, the thread closes the connection
        raise
