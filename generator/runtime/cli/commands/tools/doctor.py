"""The command `doctor`: what is wrong with the installation, and how to fix it."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import httpx
import typer

from ....core.errors import ConfigurationError, JournalError, KieError
from ....http.request import USER_AGENT
from ...context import CommandContext, command
from ...options.connection import JOURNAL, default_journal
from ...package import Package

# Extra → a library of it, and what does not work without it.
_EXTRAS = {
    "pictures": ("pillow", "masks and rotation are not checked before they are sent"),
    "cli": ("rich", "this command line does not run"),
    "mcp": ("mcp", "the server for AI agents does not run"),
    "sandbox": ("starlette", "the local server for tests does not run"),
}

# The status of a finding that does not count as a problem.
_OPTIONAL = "optional"


class Finding(NamedTuple):
    """One thing that was checked: what was found, and how to fix it."""

    name: str
    ok: bool
    found: str
    fix: str = ""
    status: str = "problem"
    """What it is called if it is not ok."""


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def doctor(context: CommandContext) -> None:
        """Check the installation and suggest fixes.

        Exits with 1 if there are problems. This costs nothing.
        """
        findings = [*_installed(package), *_reached(context), _key(context)]
        context.terminal.result([finding._asdict() for finding in findings], lambda: _lines(findings))
        if any(finding.status != _OPTIONAL and not finding.ok for finding in findings):
            raise typer.Exit(1)

    return command(package, doctor)


def _installed(package: Package) -> Iterator[Finding]:
    yield Finding("python", ok=True, found=".".join(map(str, sys.version_info[:3])))
    yield Finding(package.name, ok=True, found=package.contract.version)
    yield _journal(package)
    for extra, (library, without) in _EXTRAS.items():
        fix = f"pip install '{package.name}[{extra}]'"
        try:
            yield Finding(f"extra {extra}", ok=True, found=f"{library} {version(library)}")
        except PackageNotFoundError:
            yield Finding(
                f"extra {extra}",
                ok=False,
                found=f"{library} is not installed: {without}",
                fix=fix,
                status=_OPTIONAL,
            )


def _journal(package: Package) -> Finding:
    """Check whether the journal can be written, without creating it."""
    variable = package.variable(JOURNAL)
    try:
        path = Path(os.environ.get(variable) or default_journal(package))
    except JournalError as error:
        return Finding(JOURNAL, ok=False, found=str(error), fix=f"set {variable} to a file")
    place = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    ok = os.access(place, os.W_OK) and (path.is_file() or (place.is_dir() and not path.exists()))
    fix = "" if ok else f"set {variable} to a file in a folder that you can write"
    return Finding(JOURNAL, ok=ok, found=str(path) + ("" if ok else " cannot be written"), fix=fix)


def _reached(context: CommandContext) -> Iterator[Finding]:
    """Connect to each server. Any response will do; the API key is not sent."""
    agent = {"User-Agent": USER_AGENT.format(version=context.package.contract.version)}
    for url in context.servers.values():
        try:
            status = httpx.get(url, timeout=10, headers=agent).status_code
            yield Finding(url, ok=True, found=f"responds (HTTP {status})")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            fix = "check the network, the proxy and the URL"
            yield Finding(url, ok=False, found=str(error) or type(error).__name__, fix=fix)


def _key(context: CommandContext) -> Finding:
    variable = context.package.contract.key_variable
    try:
        with context.client() as kie:
            return Finding(variable, ok=True, found=f"accepted; {kie.credits.get():g} credits")
    except ConfigurationError as error:
        return Finding(variable, ok=False, found=str(error), status="missing")
    except KieError as error:
        fix = "create a new API key if this one is refused"
        return Finding(variable, ok=False, found=context.with_options(str(error)), fix=fix)


def _lines(findings: list[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        status = "ok" if finding.ok else finding.status
        lines.append(
            f"{status:<9}{finding.name}: {finding.found}" + (f"; {finding.fix}" if finding.fix else "")
        )
    return lines
