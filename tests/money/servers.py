"""Start database servers on Unix sockets. Tests are skipped if no server is installed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

# Postgres refuses to run as root.
UNPRIVILEGED = pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@contextmanager
def redis_server() -> Iterator[str]:
    """Start a Redis server and yield the path of its socket."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with tempfile.TemporaryDirectory() as folder:
        address = f"{folder}/redis.sock"
        command = [program, "--port", "0", "--unixsocket", address, "--dir", folder, "--save", ""]
        with _running(command), redis.Redis(unix_socket_path=address) as connection:
            _until_ready(connection.ping, redis.ConnectionError)
            yield address


class PostgresServer:
    """A Postgres server that can be restarted."""

    def __init__(self, command: list[str], address: str) -> None:
        self.address = address
        self._command = command
        self._running = ExitStack()

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        self._running.enter_context(_running(self._command))
        _until_ready(lambda: psycopg.connect(self.address).close(), psycopg.OperationalError)

    def stop(self) -> None:
        """Disconnect all clients and stop."""
        self._running.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a Postgres server and yield its connection string."""
    with restartable_postgres() as server:
        yield server.address


@contextmanager
def restartable_postgres() -> Iterator[PostgresServer]:
    """Start a Postgres server."""
    # Debian installs its programs outside PATH.
    folders = [str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    path = os.pathsep.join([os.environ["PATH"], *folders])
    initdb, program = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
    if initdb is None or program is None:
        pytest.skip("Postgres is not installed")
    with tempfile.TemporaryDirectory() as folder:
        if UNPRIVILEGED:
            os.chown(folder, UNPRIVILEGED.pw_uid, UNPRIVILEGED.pw_gid)
        data = f"{folder}/data"
        made = [initdb, "--no-sync", "--auth=trust", "--username=kie", "--no-locale", data]
        subprocess.run(made, check=True, capture_output=True, user=_uid(), group=_gid(), cwd=folder)
        address = f"host={folder} user=kie dbname=postgres"
        command = [program, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        server = PostgresServer(command, address)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _uid() -> int | None:
    return UNPRIVILEGED.pw_uid if UNPRIVILEGED else None


def _gid() -> int | None:
    return UNPRIVILEGED.pw_gid if UNPRIVILEGED else None


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdout=quiet, stderr=quiet, user=_uid() if "postgres" in command[0] else None
    ) as process:
        try:
            yield
        finally:
            # On SIGINT, Postgres disconnects its clients and stops immediately.
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _until_ready(ask: Callable[[], object], refusal: type[Exception]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            ask()
        except refusal:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
