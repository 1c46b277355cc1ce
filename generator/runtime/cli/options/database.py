"""The options that say which database machines share, and which accounts pay."""

from __future__ import annotations

import inspect
import os
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .connection import check_key_is_set

if TYPE_CHECKING:
    from ...cluster.running.accounts import Account
    from ..package import Package

DATABASE = "database"
ACCOUNT = "account"


def database_parameters(package: Package) -> list[inspect.Parameter]:
    """Return the options for the database and the accounts."""
    database = typer.Option(
        f"--{DATABASE}",
        envvar=package.variable(DATABASE),
        metavar="URL",
        help="PostgreSQL database that the machines share, in place of a journal.",
        show_default=False,
    )
    account = typer.Option(
        f"--{ACCOUNT}",
        metavar="NAME=VARIABLE[:AMOUNT]",
        help="With --database: an account, the environment variable with its API key, and the most that it "
        "may spend on one batch. May be repeated. By default, the account of "
        f"{package.contract.key_variable}.",
        show_default=False,
    )
    return [
        _parameter(DATABASE, Annotated[str | None, database]),
        _parameter(ACCOUNT, Annotated[list[str] | None, account]),
    ]


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def accounts(package: Package, given: list[str]) -> list[Account]:
    """Return the accounts that the options name, or that of the environment. Raises `ConfigurationError`."""
    from ...cluster.running.accounts import Account  # only a command with --database needs it

    if not given:
        check_key_is_set(package)
        return [Account("default", os.environ[package.contract.key_variable])]
    found = []
    for text in given:
        parts = re.fullmatch(r"([^=:]+)=([A-Za-z_]\w*)(?::(\d+(?:\.\d+)?))?", text.strip())
        if not parts:
            raise typer.BadParameter(
                f"--{ACCOUNT}: expected NAME=VARIABLE or NAME=VARIABLE:AMOUNT, got {text!r}"
            )
        name, variable, amount = parts.groups()
        if not os.environ.get(variable):
            raise typer.BadParameter(f"--{ACCOUNT} {name}: the environment variable {variable} is not set")
        found.append(Account(name, os.environ[variable], float(amount) if amount else None))
    return found
