"""Decides the URL of each server, and refuses to send the API key to a server that was left unchanged."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.errors import ConfigurationError
from .hosts import canonical_server
from .request import check_base_url

if TYPE_CHECKING:
    from ..contract.model import Server


def server_urls(servers: "Sequence[Server]", given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the URL of each server: the argument's, the environment variable's, or the declared one.

    Once one server is replaced, each other one must be given too, or be declared to follow it. A caller who
    replaces one server, with a sandbox for example, does not expect the others to get the API key.

    Args:
        servers: The declared servers.
        given: The URLs of the arguments, by argument.

    Raises:
        ConfigurationError: A URL is invalid, or a server was left unchanged.
    """
    urls: dict[str, str] = {}
    changed: dict[str, str] = {}
    for server in servers:
        url, source = given.get(server.argument), server.argument
        if url is None:
            url, source = os.environ.get(server.variable) or None, server.variable
        if url is None:
            continue
        urls[server.name] = check_base_url(source, url)
        if canonical_server(url) != canonical_server(server.url):
            changed[server.name] = f"{source} is {urls[server.name]}"
    for server in servers:
        if server.name in urls:
            continue
        if changed and server.follows not in changed:
            raise ConfigurationError(
                f"{server.argument}: {next(iter(changed.values()))}, but the {server.name} server is still "
                f"{server.url}, which would be sent the API key and your data. Pass {server.argument}= or "
                f"set {server.variable}, also if that server is meant"
            )
        urls[server.name] = urls[server.follows] if changed else server.url
    return urls
