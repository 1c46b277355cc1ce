"""The two clients without their resources; the rendered package adds those."""

import os
from typing import NamedTuple, Self

import httpx

from .core import Core
from .errors import ApiError, ConfigurationError
from .flow import Flow, T
from .limits import Turns
from .prepare import check_key, check_server
from .schedule import Schedule
from .shapes import Contract, Timeouts
from .transport import AsyncTransport, SyncTransport


class Settings(NamedTuple):
    """What the two clients are made from; see the rendered ones."""

    contract: Contract
    errors: dict[int, type[ApiError]]
    api_key: str | None
    servers: dict[str, str]
    timeout: float | None
    journal: str | os.PathLike[str] | None
    limits: Turns | None


def _core(settings: Settings) -> Core:
    servers = {name: check_server(f"the {name} server's URL", url) for name, url in settings.servers.items()}
    key = check_key(settings.api_key, settings.contract.key_variable)
    journal = None
    if settings.journal is not None:
        from .journal.jobs import Journal  # not loaded by those who keep none

        journal = Journal(settings.journal)
    return Core(settings.contract, settings.errors, key, servers, journal, settings.limits)


def _timeouts(contract: Contract, timeout: float | None) -> Timeouts:
    if timeout is not None and not timeout > 0:
        raise ConfigurationError(f"timeout: {timeout!r} is no number of seconds above 0")
    return contract.timeouts if timeout is None else Timeouts(timeout, timeout, timeout, timeout)


class SyncClient:
    """Wires a core to a blocking transport."""

    def __init__(self, settings: Settings, http_client: httpx.Client | None) -> None:
        timeouts = _timeouts(settings.contract, settings.timeout)
        self.core = _core(settings)
        self.schedule = Schedule(self.core)
        self._transport = SyncTransport(timeouts, http_client)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        self._transport.close()
        if self.core.journal:
            self.core.journal.close()

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow. For the package's own use."""
        return self._transport.run(flow)


class AsyncClient:
    """Wires a core to an asyncio transport."""

    def __init__(self, settings: Settings, http_client: httpx.AsyncClient | None) -> None:
        timeouts = _timeouts(settings.contract, settings.timeout)
        self.core = _core(settings)
        self.schedule = Schedule(self.core)
        self._transport = AsyncTransport(timeouts, http_client)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        await self._transport.close()
        if self.core.journal:
            self.core.journal.close()

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow. For the package's own use."""
        return await self._transport.run(flow)
