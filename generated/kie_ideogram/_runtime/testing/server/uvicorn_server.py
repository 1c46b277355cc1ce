"""Serves an app on a port, from a thread."""

import os
import socket
import threading

import uvicorn
from starlette.applications import Starlette

from ...core.errors import ConfigurationError


class Server:
    """A server that listens from `start` to `stop`. Raises `ConfigurationError` if it cannot listen."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family)
        except (OSError, OverflowError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
            raise ConfigurationError(f"cannot listen on {host} port {port}: {reason}") from None
        # Connections inherit this. Without it, each reply waits 40 ms for the caller's acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"[{host}]" if family == socket.AF_INET6 else host
        self.url = f"http://{name}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            log_config=None,  # the program that uses the sandbox configures logging
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",  # and not whichever loop is installed
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="sandbox-server", daemon=True)

    def start(self) -> None:
        """Start answering. Connections made earlier wait in the queue of the socket."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connections and end the thread."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        with self._socket:
            self._server.run(sockets=[self._socket])
