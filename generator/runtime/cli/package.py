"""What the commands need of the package that they belong to."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Never

from ..contract.model import Contract


class CommandModel(NamedTuple):
    """What a command says of a model without loading it: its short name, and its description."""

    name: str
    text: str


class Package(NamedTuple):
    """The rendered package. What costs an import is a function."""

    name: str
    """The name of the command."""
    title: str
    """The name of the API."""
    contract: Contract
    client: Callable[..., Any]
    verify: Callable[..., Any] | None
    """None if callbacks are not signed."""
    sandbox: Callable[[], Callable[..., Any]]
    help: Mapping[str, Mapping[str, str]]
    """The help of each model's options."""
    commands: Mapping[str, Mapping[str, CommandModel]]
    """The models of each command that runs them. The first one is its default."""
    key_help: str
    """Where to get an API key."""
    async_client: Callable[..., Any]
    cluster: Callable[[], Callable[..., Any]]
    """Needs the extra `cluster`."""

    def offline_client(self, **arguments: Any) -> Any:
        """Return a client that sends nothing. It needs no API key, and reads no certificates."""
        import httpx  # not needed for help

        http_client = httpx.Client(transport=httpx.MockTransport(_refuse))
        return self.client("offline", http_client=http_client, **arguments)

    def variable(self, option: str) -> str:
        """Return the environment variable of an option."""
        return self.contract.variable_prefix + option.upper()


def _refuse(request: Any) -> Never:
    raise AssertionError("an offline client sends nothing")
