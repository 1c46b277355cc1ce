# Generated from spec/ by `make generate`. Do not edit.
"""The clients: `Kie` blocks, `AsyncKie` awaits. Their resources are imported when first used."""

from os import PathLike
from typing import TYPE_CHECKING

import httpx

from ._runtime.client import AsyncClient, SyncClient
from ._runtime.contract.suggest import did_you_mean
from ._runtime.contract.wrong_arguments import explain_wrong_arguments
from ._runtime.core.clock import SYSTEM, Environment
from ._runtime.core.identity import FORMER_ATTRIBUTES
from ._runtime.core.text.secret import Secret
from ._runtime.http.settings import Settings
from .errors import BY_CODE

if TYPE_CHECKING:
    from ._runtime.http.limits.rate_limiter import SharedRateLimiter
    from .resources.batch import AsyncBatch, Batch
    from .resources.character import AsyncCharacter, Character
    from .resources.character_edit import AsyncCharacterEdit, CharacterEdit
    from .resources.character_remix import AsyncCharacterRemix, CharacterRemix
    from .resources.credits import AsyncCredits, Credits
    from .resources.files import AsyncFiles, Files
    from .resources.tasks import AsyncTasks, Tasks
    from .resources.v3_edit import AsyncV3Edit, V3Edit
    from .resources.v3_reframe import AsyncV3Reframe, V3Reframe
    from .resources.v3_remix import AsyncV3Remix, V3Remix
    from .resources.v3_text_to_image import AsyncV3TextToImage, V3TextToImage
    from .task import AsyncTask, Task

# Attribute → class. A property for each would cost an import more than everything else in this module.
_RESOURCES = {
    "character_edit": "CharacterEdit",
    "v3_text_to_image": "V3TextToImage",
    "v3_edit": "V3Edit",
    "v3_remix": "V3Remix",
    "v3_reframe": "V3Reframe",
    "character": "Character",
    "character_remix": "CharacterRemix",
    "tasks": "Tasks",
    "files": "Files",
    "credits": "Credits",
    "batch": "Batch",
}


def _task() -> "type[Task]":
    from .task import Task

    return Task


def _async_task() -> "type[AsyncTask]":
    from .task import AsyncTask

    return AsyncTask


def _resource(client: "Kie | AsyncKie", name: str, prefix: str) -> object:
    from importlib import import_module

    if name in FORMER_ATTRIBUTES:
        raise AttributeError(f"{name}: renamed to {FORMER_ATTRIBUTES[name]}")
    if name not in _RESOURCES:
        hint = did_you_mean(name, dir(client)) or f"; its models and other parts are {', '.join(_RESOURCES)}"
        raise AttributeError(f"{type(client).__name__!r} has no attribute {name!r}{hint}")
    module = import_module(f".resources.{name}", __package__)
    resource: object = getattr(module, prefix + _RESOURCES[name])(client._context)
    vars(client)[name] = resource
    return resource


class Kie(SyncClient["Task"]):
    """The blocking client. Use it as a context manager, or close it.

    Threads may share it.

    Args:
        api_key: The API key; from the environment variable KIE_API_KEY unless given.
        base_url: The URL of the api server; from KIE_BASE_URL unless given, else
            https://api.kie.ai. Only the base URLs are sent the API key.
        upload_base_url: The URL of the upload server; from KIE_UPLOAD_BASE_URL unless given, else
            https://kieai.redpandaai.co. Must be given if another server is replaced.
        timeout: Seconds for each of connecting, sending and every wait for bytes. The contract declares
            the default, and a limit for a whole request.
        http_client: An `httpx.Client` that configures proxies, certificates and pool limits. Its auth,
            headers and redirects are not used, and it is not closed.
        journal: A file that records every submission before it is sent, so that a crash can neither lose
            a task nor charge twice.
        limits: Counts calls across machines, for clients that share no journal; see `limits`.

    Raises:
        ConfigurationError: An argument or the environment is invalid.
        JournalError: The journal cannot be used.
    """

    if TYPE_CHECKING:
        character_edit: CharacterEdit
        """Repaint the masked region of an image with the character of a reference image."""
        v3_text_to_image: V3TextToImage
        """Generate an image from a text."""
        v3_edit: V3Edit
        """Repaint the masked region of an image."""
        v3_remix: V3Remix
        """Make a new version of an image, guided by a text."""
        v3_reframe: V3Reframe
        """Extend an image to another size and shape."""
        character: Character
        """Generate images of the character of a reference image."""
        character_remix: CharacterRemix
        """Make a new version of an image with the character of a reference image."""
        tasks: Tasks
        """Create a generation task and follow it until it succeeds or fails."""
        files: Files
        """Upload input images and get download links for results."""
        credits: Credits
        """Read the account's credit balance."""
        batch: Batch
        """Run many rows of arguments as one batch: resumed by key, within a budget."""

    @explain_wrong_arguments
    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        upload_base_url: str | None = None,
        timeout: float | None = None,
        http_client: httpx.Client | None = None,
        journal: str | PathLike[str] | None = None,
        limits: "SharedRateLimiter | None" = None,
        _environment: Environment = SYSTEM,
    ) -> None:
        secret = None if api_key is None else Secret(api_key)
        del api_key  # tracebacks that show local variables must not show it

        from ._contract import CONTRACT  # not needed by those who only import the class

        servers = {
            "base_url": base_url,
            "upload_base_url": upload_base_url,
        }
        contract = _environment.contract or CONTRACT
        settings = Settings(contract, BY_CODE, _task, secret, servers, timeout, journal, limits, _environment)
        super().__init__(settings, http_client)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            return _resource(self, name, "")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_RESOURCES]


class AsyncKie(AsyncClient["AsyncTask"]):
    """The asyncio client. Use it as a context manager, or close it.

    The tasks of one event loop may share it.

    Args:
        api_key: The API key; from the environment variable KIE_API_KEY unless given.
        base_url: The URL of the api server; from KIE_BASE_URL unless given, else
            https://api.kie.ai. Only the base URLs are sent the API key.
        upload_base_url: The URL of the upload server; from KIE_UPLOAD_BASE_URL unless given, else
            https://kieai.redpandaai.co. Must be given if another server is replaced.
        timeout: Seconds for each of connecting, sending and every wait for bytes. The contract declares
            the default, and a limit for a whole request.
        http_client: An `httpx.AsyncClient` that configures proxies, certificates and pool limits. Its auth,
            headers and redirects are not used, and it is not closed.
        journal: A file that records every submission before it is sent, so that a crash can neither lose
            a task nor charge twice.
        limits: Counts calls across machines, for clients that share no journal; see `limits`.

    Raises:
        ConfigurationError: An argument or the environment is invalid.
        JournalError: The journal cannot be used.
    """

    if TYPE_CHECKING:
        character_edit: AsyncCharacterEdit
        """Repaint the masked region of an image with the character of a reference image."""
        v3_text_to_image: AsyncV3TextToImage
        """Generate an image from a text."""
        v3_edit: AsyncV3Edit
        """Repaint the masked region of an image."""
        v3_remix: AsyncV3Remix
        """Make a new version of an image, guided by a text."""
        v3_reframe: AsyncV3Reframe
        """Extend an image to another size and shape."""
        character: AsyncCharacter
        """Generate images of the character of a reference image."""
        character_remix: AsyncCharacterRemix
        """Make a new version of an image with the character of a reference image."""
        tasks: AsyncTasks
        """Create a generation task and follow it until it succeeds or fails."""
        files: AsyncFiles
        """Upload input images and get download links for results."""
        credits: AsyncCredits
        """Read the account's credit balance."""
        batch: AsyncBatch
        """Run many rows of arguments as one batch: resumed by key, within a budget."""

    @explain_wrong_arguments
    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        upload_base_url: str | None = None,
        timeout: float | None = None,
        http_client: httpx.AsyncClient | None = None,
        journal: str | PathLike[str] | None = None,
        limits: "SharedRateLimiter | None" = None,
        _environment: Environment = SYSTEM,
    ) -> None:
        secret = None if api_key is None else Secret(api_key)
        del api_key  # tracebacks that show local variables must not show it

        from ._contract import CONTRACT  # not needed by those who only import the class

        servers = {
            "base_url": base_url,
            "upload_base_url": upload_base_url,
        }
        contract = _environment.contract or CONTRACT
        settings = Settings(
            contract, BY_CODE, _async_task, secret, servers, timeout, journal, limits, _environment
        )
        super().__init__(settings, http_client)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            return _resource(self, name, "Async")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_RESOURCES]
