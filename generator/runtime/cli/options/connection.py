"""The options that say which server, journal and API key a command uses."""

import inspect
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ...core.errors import ConfigurationError, JournalError
from ..package import Package

JOURNAL = "journal"


def server_parameters(package: Package) -> list[inspect.Parameter]:
    """Return an option for each server."""
    return [
        _parameter(
            server.argument,
            None,
            typer.Option(
                envvar=server.variable,
                metavar="URL",
                help=f"URL of the {server.name} server, for example that of a sandbox.",
                show_default=server.url,
            ),
        )
        for server in package.contract.servers
    ]


def journal_parameter(package: Package) -> inspect.Parameter:
    """Return the option for the journal."""
    option = typer.Option(
        f"--{JOURNAL}",
        envvar=package.variable(JOURNAL),
        metavar="PATH",
        help="Journal file, which records each submission. Run `doctor` to see the default path.",
        show_default=False,
    )
    return _parameter(JOURNAL, "", option)


def _parameter(name: str, default: str | None, option: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[str | None, option]
    )


def has_key(package: Package) -> bool:
    """Whether the environment has an API key."""
    return bool(os.environ.get(package.contract.key_variable))


def check_key_is_set(package: Package) -> None:
    """Raise `ConfigurationError` if there is no API key, with where to get one."""
    variable = package.contract.key_variable
    if not has_key(package):
        raise ConfigurationError(
            f"no API key: set the environment variable {variable}. {package.key_help} "
            f"To try the commands without a key, run `{package.name} sandbox`."
        )


def default_journal(package: Package) -> Path:
    """Return the journal that is used if no other is given. Raises `JournalError` without a home folder."""
    folder = Path(typer.get_app_dir(package.name))
    if not folder.is_absolute():
        # In a container, HOME may be unset and the user unknown. A relative path would be another journal in
        # each folder, and each would submit the same again.
        raise JournalError(
            f"{folder}: the default journal's folder is not an absolute path, because this user has no home "
            f"folder. Use --{JOURNAL} PATH, or set {package.variable(JOURNAL)} or HOME"
        )
    return folder / "journal.db"


def journal_path(package: Package, given: str) -> Path:
    """Return the journal to use, in a folder that exists. Raises `JournalError`."""
    if given:
        return Path(given)
    path = default_journal(package)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"{path.parent}: the journal's folder cannot be created ({error.strerror}). The journal must be "
            f"writable before anything is sent. Use --{JOURNAL} PATH"
        ) from error
    return path
