# Generated from spec/ by `make generate`. Do not edit.
"""The clients: `Kie` blocks, `AsyncKie` awaits. Their resources are loaded when first used."""

from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from ._contract import CONTRACT
from ._runtime.client import AsyncClient, SyncClient
from .errors import BY_CODE

if TYPE_CHECKING:
    from .resources.character_edit import AsyncCharacterEdit, CharacterEdit
    from .resources.credits import AsyncCredits, Credits
    from .resources.files import AsyncFiles, Files
    from .resources.tasks import AsyncTasks, Tasks


class Kie(SyncClient):
    """The blocking client. Use it as a context manager, or close it.

    `api_key` comes from KIE_API_KEY unless given. The base URLs are the servers that get
    the key, and the only ones. `timeout` is in seconds for each phase of one request; the contract
    declares the default. An own `http_client` brings proxies, certificates and pool limits; its
    auth, headers and redirects are not used, and it is not closed.

    Raises `ConfigurationError`. May be shared by threads.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str = "https://api.kie.ai",
        upload_base_url: str = "https://kieai.redpandaai.co",
        timeout: float | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        servers = {
            "api": base_url,
            "upload": upload_base_url,
        }
        super().__init__(CONTRACT, BY_CODE, api_key, servers, timeout, http_client)

    @cached_property
    def character_edit(self) -> "CharacterEdit":
        """Repaint the masked region of a picture with a character taken from a reference."""
        from .resources.character_edit import CharacterEdit

        return CharacterEdit(self)

    @cached_property
    def tasks(self) -> "Tasks":
        """Create a generation task and follow it until it is settled."""
        from .resources.tasks import Tasks

        return Tasks(self)

    @cached_property
    def files(self) -> "Files":
        """Bring input pictures to the service and fetch links to results."""
        from .resources.files import Files

        return Files(self)

    @cached_property
    def credits(self) -> "Credits":
        """The account's balance."""
        from .resources.credits import Credits

        return Credits(self)


class AsyncKie(AsyncClient):
    """The asyncio client. Use it as a context manager, or close it.

    `api_key` comes from KIE_API_KEY unless given. The base URLs are the servers that get
    the key, and the only ones. `timeout` is in seconds for each phase of one request; the contract
    declares the default. An own `http_client` brings proxies, certificates and pool limits; its
    auth, headers and redirects are not used, and it is not closed.

    Raises `ConfigurationError`. May be shared by the tasks of one event loop.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str = "https://api.kie.ai",
        upload_base_url: str = "https://kieai.redpandaai.co",
        timeout: float | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        servers = {
            "api": base_url,
            "upload": upload_base_url,
        }
        super().__init__(CONTRACT, BY_CODE, api_key, servers, timeout, http_client)

    @cached_property
    def character_edit(self) -> "AsyncCharacterEdit":
        """Repaint the masked region of a picture with a character taken from a reference."""
        from .resources.character_edit import AsyncCharacterEdit

        return AsyncCharacterEdit(self)

    @cached_property
    def tasks(self) -> "AsyncTasks":
        """Create a generation task and follow it until it is settled."""
        from .resources.tasks import AsyncTasks

        return AsyncTasks(self)

    @cached_property
    def files(self) -> "AsyncFiles":
        """Bring input pictures to the service and fetch links to results."""
        from .resources.files import AsyncFiles

        return AsyncFiles(self)

    @cached_property
    def credits(self) -> "AsyncCredits":
        """The account's balance."""
        from .resources.credits import AsyncCredits

        return AsyncCredits(self)
