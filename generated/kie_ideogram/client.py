# Generated from spec/ by `make generate`. Do not edit.
"""The clients: `Kie` blocks, `AsyncKie` awaits. Their resources are loaded when first used."""

from os import PathLike
from typing import TYPE_CHECKING, Any

import httpx

from ._runtime.client import AsyncClient, Settings, SyncClient
from .errors import BY_CODE

if TYPE_CHECKING:
    from ._runtime.http.limits.rate_limiter import Turns
    from .resources.character_edit import AsyncCharacterEdit, CharacterEdit
    from .resources.credits import AsyncCredits, Credits
    from .resources.files import AsyncFiles, Files
    from .resources.tasks import AsyncTasks, Tasks
    from .task import AsyncTask, Task

# Attribute and module → class. An accessor for each would cost an import more than all the rest.
_RESOURCES = {
    "character_edit": "CharacterEdit",
    "tasks": "Tasks",
    "files": "Files",
    "credits": "Credits",
}


def _open(kie: object, name: str, prefix: str) -> object:
    from importlib import import_module

    if name not in _RESOURCES:
        raise AttributeError(
            f"{type(kie).__name__!r} has no attribute {name!r}; its resources are {', '.join(_RESOURCES)}"
        )
    resource: object = getattr(import_module(f".resources.{name}", __package__), prefix + _RESOURCES[name])(
        kie
    )
    vars(kie)[name] = resource
    return resource


class Kie(SyncClient["Task"]):
    """The blocking client. Use it as a context manager, or close it.

    `api_key` comes from KIE_API_KEY unless given. The base URLs are the servers that get
    the key, and the only ones. `timeout` is in seconds for each of connecting, sending and every wait for
    bytes; the contract declares the default, and a limit for a whole request. An own `http_client` brings proxies, certificates and pool limits; its
    auth, headers and redirects are not used, and it is not closed. `journal` names a file in which every
    create is written down before it is sent: nothing is paid twice and no task lost, whatever dies
    when. `limits` counts calls beyond this process where there is no journal; see `limits`.

    Raises `ConfigurationError`. May be shared by threads.
    """

    if TYPE_CHECKING:
        character_edit: CharacterEdit
        """Repaint the masked region of an image with the character of a reference image."""
        tasks: Tasks
        """Create a generation task and follow it until it succeeds or fails."""
        files: Files
        """Upload input images and get download links for results."""
        credits: Credits
        """Read the account's credit balance."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str = "https://api.kie.ai",
        upload_base_url: str = "https://kieai.redpandaai.co",
        timeout: float | None = None,
        http_client: httpx.Client | None = None,
        journal: str | PathLike[str] | None = None,
        limits: "Turns | None" = None,
    ) -> None:
        from ._contract import CONTRACT  # not needed by those who only import the class

        servers = {
            "api": base_url,
            "upload": upload_base_url,
        }
        super().__init__(Settings(CONTRACT, BY_CODE, api_key, servers, timeout, journal, limits), http_client)

    def give(self, task_id: str, raw: "dict[str, Any]", created: float | None) -> "Task":
        from .task import Task

        return Task(self, task_id, raw, created)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            return _open(self, name, "")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_RESOURCES]


class AsyncKie(AsyncClient["AsyncTask"]):
    """The asyncio client. Use it as a context manager, or close it.

    `api_key` comes from KIE_API_KEY unless given. The base URLs are the servers that get
    the key, and the only ones. `timeout` is in seconds for each of connecting, sending and every wait for
    bytes; the contract declares the default, and a limit for a whole request. An own `http_client` brings proxies, certificates and pool limits; its
    auth, headers and redirects are not used, and it is not closed. `journal` names a file in which every
    create is written down before it is sent: nothing is paid twice and no task lost, whatever dies
    when. `limits` counts calls beyond this process where there is no journal; see `limits`.

    Raises `ConfigurationError`. May be shared by the tasks of one event loop.
    """

    if TYPE_CHECKING:
        character_edit: AsyncCharacterEdit
        """Repaint the masked region of an image with the character of a reference image."""
        tasks: AsyncTasks
        """Create a generation task and follow it until it succeeds or fails."""
        files: AsyncFiles
        """Upload input images and get download links for results."""
        credits: AsyncCredits
        """Read the account's credit balance."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str = "https://api.kie.ai",
        upload_base_url: str = "https://kieai.redpandaai.co",
        timeout: float | None = None,
        http_client: httpx.AsyncClient | None = None,
        journal: str | PathLike[str] | None = None,
        limits: "Turns | None" = None,
    ) -> None:
        from ._contract import CONTRACT  # not needed by those who only import the class

        servers = {
            "api": base_url,
            "upload": upload_base_url,
        }
        super().__init__(Settings(CONTRACT, BY_CODE, api_key, servers, timeout, journal, limits), http_client)

    def give(self, task_id: str, raw: "dict[str, Any]", created: float | None) -> "AsyncTask":
        from .task import AsyncTask

        return AsyncTask(self, task_id, raw, created)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            return _open(self, name, "Async")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_RESOURCES]
