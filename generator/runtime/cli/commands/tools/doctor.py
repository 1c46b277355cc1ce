"""The command `doctor`: what is missing, and how to mend it."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import httpx
import typer

from ....core.errors import ConfigurationError, KieError
from ....http.request import USER_AGENT
from ...context import JOURNAL_VARIABLE, CommandContext, command, own_journal
from ...package import Package

# Extra → the library that stands for it, and what is missing without it.
_EXTRAS = {
    "pictures": ("pillow", "masks and rotation are not checked before they are sent"),
    "cli": ("rich", "this command line does not run"),
    "sandbox": ("starlette", "the local service for tests does not run"),
}


# How a finding is marked that nobody needs to mend.
_WITHOUT = "without"


class Finding(NamedTuple):
    """One thing looked at: whether it is well, what was seen, and how to mend it."""

    what: str
    well: bool
    seen: str
    mend: str = ""
    mark: str = "fault"
    """What it is called when it is not well."""


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def doctor(context: CommandContext) -> None:
        """Say what is missing or at fault, and how to mend it. Ends in 1 if there is such. Costs nothing."""
        findings = [*_installed(package), *_reached(context), _key(context)]
        context.terminal.result([finding._asdict() for finding in findings], lambda: _lines(findings))
        if any(finding.mark != _WITHOUT and not finding.well for finding in findings):
            raise typer.Exit(1)

    return command(package, doctor)


def _installed(package: Package) -> Iterator[Finding]:
    yield Finding("python", well=True, seen=".".join(map(str, sys.version_info[:3])))
    yield Finding(package.name, well=True, seen=package.contract.version)
    yield _journal(Path(os.environ.get(JOURNAL_VARIABLE) or own_journal(package)))
    for extra, (library, without) in _EXTRAS.items():
        mend = f"pip install '{package.name}[{extra}]'"
        try:
            yield Finding(f"extra {extra}", well=True, seen=f"{library} {version(library)}")
        except PackageNotFoundError:
            yield Finding(
                f"extra {extra}", well=False, seen=f"no {library}: {without}", mend=mend, mark=_WITHOUT
            )


def _journal(path: Path) -> Finding:
    """Where it is, or will be: nothing is made to find that out."""
    place = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    well = os.access(place, os.W_OK) and (path.is_file() or (place.is_dir() and not path.exists()))
    mend = "" if well else f"set {JOURNAL_VARIABLE} to a file in a folder that you may write"
    return Finding("journal", well=well, seen=str(path) + ("" if well else " cannot be written"), mend=mend)


def _reached(context: CommandContext) -> Iterator[Finding]:
    """Any answer will do: it is not asked for anything, and not sent the key."""
    agent = {"User-Agent": USER_AGENT.format(version=context.package.contract.version)}
    for url in context.servers.values():
        try:
            status = httpx.get(url, timeout=10, headers=agent).status_code
            yield Finding(url, well=True, seen=f"answers (HTTP {status})")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            mend = "look at the network, the proxy, or the URL"
            yield Finding(url, well=False, seen=str(error) or type(error).__name__, mend=mend)


def _key(context: CommandContext) -> Finding:
    variable = context.package.contract.key_variable
    try:
        with context.client() as kie:
            return Finding(variable, well=True, seen=f"accepted; {kie.credits.get():g} credits")
    except ConfigurationError as error:
        mend = f"export {variable}=…"
        return Finding(variable, well=False, seen=str(error), mend=mend, mark="missing")
    except KieError as error:
        return Finding(
            variable, well=False, seen=str(error), mend="see what it says; make a new key if it is refused"
        )


def _lines(findings: list[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        mark = "ok" if finding.well else finding.mark
        lines.append(
            f"{mark:<8}{finding.what}: {finding.seen}" + (f"; {finding.mend}" if finding.mend else "")
        )
    return lines
