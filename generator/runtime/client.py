"""The two clients without their resources; the rendered package adds those."""

from typing import Self

import httpx

from .core import Core
from .errors import ApiError, ConfigurationError
from .flow import Flow, T
from .prepare import check_key, check_server
from .shapes import Contract, Timeouts
from .transport import AsyncTransport, SyncTransport


def _core(
    contract: Contract, errors: dict[int, type[ApiError]], api_key: str | None, servers: dict[str, str]
) -> Core:
    checked = {name: check_server(f"the {name} server's URL", url) for name, url in servers.items()}
    return Core(contract, errors, check_key(api_key, contract.key_variable), checked)


def _timeouts(contract: Contract, timeout: float | None) -> Timeouts:
    if timeout is not None and not timeout > 0:
        raise ConfigurationError(f"timeout: {timeout!r} is no number of seconds above 0")
    return contract.timeouts if timeout is None else Timeouts(timeout, timeout, timeout, timeout)


class SyncClient:
    """Wires a core to a blocking transport."""

    def __init__(
        self,
        contract: Contract,
        errors: dict[int, type[ApiError]],
        api_key: str | None,
        servers: dict[str, str],
        timeout: float | None,
        http_client: httpx.Client | None,
    ) -> None:
        self.core = _core(contract, errors, api_key, servers)
        self._transport = SyncTransport(_timeouts(contract, timeout), http_client)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        self._transport.close()

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow. For the package's own use."""
        return self._transport.run(flow)


class AsyncClient:
    """Wires a core to an asyncio transport."""

    def __init__(
        self,
        contract: Contract,
        errors: dict[int, type[ApiError]],
        api_key: str | None,
        servers: dict[str, str],
        timeout: float | None,
        http_client: httpx.AsyncClient | None,
    ) -> None:
        self.core = _core(contract, errors, api_key, servers)
        self._transport = AsyncTransport(_timeouts(contract, timeout), http_client)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless `http_client` was given."""
        await self._transport.close()

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow. For the package's own use."""
        return await self._transport.run(flow)
