"""The command `doctor`: what is wrong with the installation, and how to fix it."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from operator import attrgetter
from typing import Literal, NamedTuple

import typer

from ....contract.facts import balance_of, returning
from ....core.errors import ApiError, ConfigurationError, JournalError, PackageError
from ....core.extras import install
from ....core.identity import DISTRIBUTION
from ...context import CommandContext, command
from ...options.connection import JOURNAL
from ...package import Package

# Extra → a library of it, and what does not work without it.
_EXTRAS = {
    "pictures": ("pillow", "masks and rotation are not checked before they are sent"),
    "cli": ("rich", "this command line does not run"),
    "cluster": ("psycopg", "batches in a PostgreSQL database do not run"),
    "remote": ("fsspec", "results of a cluster are not saved in an object store"),
    "mcp": ("mcp", "the server for AI agents does not run"),
    "sandbox": ("starlette", "the local server for tests does not run"),
}

Status = Literal["ok", "problem", "missing", "optional"]
"""`optional` is a library that is not installed and that only some uses need; it is not a problem."""


_COLOURS: dict[Status, str] = {"ok": "green", "problem": "red", "missing": "red", "optional": "yellow"}


class Finding(NamedTuple):
    """One thing that was checked: what was found, how to fix it, and the command to type for that."""

    name: str
    status: Status
    found: str
    fix: str = ""
    command: str = ""


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def doctor(context: CommandContext) -> None:
        """Check the installation and suggest fixes.

        The last line is the next command to type. Exits with 1 if there are problems. This costs nothing.
        """
        findings = [*_installed(context), *_reached(context), _key(context)]
        rows = [finding._asdict() | {"ok": finding.status == "ok"} for finding in findings]
        problems = [finding for finding in findings if finding.status in ("problem", "missing")]
        ready = f"{package.name} {next(iter(package.commands))} --help"
        # Without an API key nothing else can be tried.
        following = min(problems, key=lambda one: one.status != "missing").command if problems else ready
        context.terminal.result(rows, lambda: [*_lines(context, findings), f"next: {following}"])
        if problems:
            raise typer.Exit(1)

    return command(package, doctor, journal=True)


def _installed(context: CommandContext) -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version  # imports the modules of emails

    package = context.package
    yield Finding("python", "ok", ".".join(map(str, sys.version_info[:3])))
    yield Finding(package.name, "ok", package.contract.version)
    yield _journal(context)
    for extra, (library, without) in _EXTRAS.items():
        try:
            yield Finding(f"extra {extra}", "ok", f"{library} {version(library)}")
        except PackageNotFoundError:
            command = _install(extra)
            found = f"{library} is not installed: {without}"
            yield Finding(f"extra {extra}", "optional", found, command, command)


def _journal(context: CommandContext) -> Finding:
    try:
        return Finding(JOURNAL, "ok", str(context.check_journal()))
    except JournalError as error:
        fix = f"use --{JOURNAL} PATH, or set {context.package.variable(JOURNAL)} to a file"
        command = f"{context.package.name} doctor --{JOURNAL} ./journal.db"
        return Finding(JOURNAL, "problem", str(error), fix, command)


def _reached(context: CommandContext) -> Iterator[Finding]:
    """Connect to each server, as the client does. The API key is not sent."""
    import httpx  # not needed for help

    from ....http.request import user_agent
    from ....http.transport.proxies import environment_proxies

    agent = {"User-Agent": user_agent(context.package.contract.version)}
    for name, url in context.servers.items():
        title = f"{name} server {url}"
        try:
            proxies = environment_proxies()
            proxy = proxies.proxy_for(httpx.URL(url)) if proxies else None
            with httpx.Client(transport=httpx.HTTPTransport(proxy=proxy), headers=agent, timeout=10) as http:
                status = http.get(url).status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            fix = "check the network, the proxy and the URL"
            yield Finding(title, "problem", str(error) or type(error).__name__, fix, _request(url))
            continue
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            fix = "check the proxy and the URL, or try again later"
            yield Finding(title, "problem", f"fails (HTTP {status})", fix, _request(url))
        else:
            yield Finding(title, "ok", f"responds (HTTP {status})")


def _key(context: CommandContext) -> Finding:
    variable = context.package.contract.key_variable
    command = f"{'export' if os.name == 'posix' else 'set'} {variable}=…"
    try:
        with context.client(journal=False) as client:
            operation = returning(context.package.contract, "account.credits")
            if operation is None:
                return Finding(variable, "ok", "set; the API has no call that checks it at no cost")
            balance = balance_of(operation, attrgetter(operation.call)(client)())
            return Finding(variable, "ok", f"accepted; {balance:g} credits")
    except ConfigurationError as error:
        return Finding(variable, "missing", str(error), "", command)
    except PackageError as error:
        refused = isinstance(error, ApiError) and error.code < HTTPStatus.INTERNAL_SERVER_ERROR
        fix = "create a new API key if this one is refused" if refused else "see the servers above"
        return Finding(variable, "problem", context.with_options(str(error)), fix, command)


def _request(url: str) -> str:
    """Return the command that shows what a server replies to another program."""
    return f"curl --head {shlex.quote(url)}"


def _install(extra: str) -> str:
    """Return the command that installs an extra from where the package came from."""
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname  # imports ssl

    try:
        origin = json.loads(distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # imported from a folder
        origin = {}
    if "dir_info" not in origin:
        return install(extra)
    folder = url2pathname(urlsplit(origin["url"]).path)
    editable = "--editable " if origin["dir_info"].get("editable") else ""
    return f"pip install {editable}{shlex.quote(f'{folder}[{extra}]')}"


def _lines(context: CommandContext, findings: list[Finding]) -> list[str]:
    return [
        context.terminal.painted(
            (f"{one.status:<9}", _COLOURS[one.status]),
            (f"{one.name}: {one.found}", ""),
            (f"; {one.fix}" if one.fix else "", ""),
        )
        for one in findings
    ]
