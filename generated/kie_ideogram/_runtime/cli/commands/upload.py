"""The command `upload`: uploads files to the service."""

import base64
import re
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ...contract.facts import place_of, taking
from ...contract.model import Contract
from ...contract.pointer import get_pointer
from ...core.errors import Fault, InvalidInputError
from ...core.text.printable import printable
from ...tasks.results.progress import Progress
from ..context import CommandContext, command
from ..package import Package

if TYPE_CHECKING:
    from ..terminal.display import Display


def build(package: Package) -> Callable[..., None] | None:
    """Make the command; None without an operation that takes a file."""
    if taking(package.contract, "file.content") is None:
        return None
    contract = package.contract

    def upload(
        context: CommandContext,
        files: Annotated[
            list[str],
            typer.Argument(metavar="PATH|URL...", help="Files and URLs to upload.", show_default=False),
        ],
        *,
        form: Annotated[
            Literal["stream", "base64"],
            typer.Option(help="How a file is sent. Use base64 for small files only.", case_sensitive=False),
        ] = "stream",
    ) -> None:
        """Upload files or URLs. Prints the URL of each, for use in a request."""
        _check(files)
        stored: list[tuple[Any, str]] = []
        try:
            with context.client() as client, context.terminal.display() as display:
                stored.extend(_stored(contract, client, file, form, display) for file in files)
        finally:  # what was uploaded before an error can be used all the same
            if stored:
                context.terminal.result(
                    [document for document, _ in stored],
                    lambda: [printable(url) for _, url in stored],
                )

    return command(package, upload)


def _check(files: list[str]) -> None:
    """Raise `InvalidInputError` with every file that cannot be read, before the first one is sent."""
    faults = []
    for file in files:
        if re.match(r"https?://", file):
            continue
        try:
            Path(file).open("rb").close()
        except (OSError, ValueError) as error:  # ValueError: a null byte
            what = (error.strerror if isinstance(error, OSError) else None) or str(error)
            faults.append(Fault("file", "readable", f"{file}: {what}"))
    if faults:
        raise InvalidInputError(faults)


def _stored(contract: Contract, client: Any, file: str, form: str, display: "Display") -> tuple[Any, str]:
    """Upload a file, and return the reply and the URL in it."""
    if re.match(r"https?://", file):
        return _call(contract, client, "file.source", file, file)
    if form == "base64":
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise InvalidInputError([Fault("file", "readable", f"{file}: {error.strerror}")]) from None
        return _call(contract, client, "file.base64", file, base64.b64encode(content).decode())
    progress = partial(_show, display, Path(file).name)
    return _call(contract, client, "file.content", file, file, progress=progress)


def _call(contract: Contract, client: Any, fact: str, file: str, given: str, **more: Any) -> tuple[Any, str]:
    """Make the call for one form of upload. Raises `InvalidInputError` without one."""
    operation = taking(contract, fact)
    if operation is None:
        form = {"file.source": "a URL", "file.base64": "Base64 text"}[fact]
        raise InvalidInputError([Fault("file", "form", f"{file}: the service does not take {form}")])
    reply = attrgetter(operation.call)(client)(given, **more)
    document = reply if isinstance(reply, str) else reply.to_dict()
    return document, get_pointer(document, place_of(operation.reply, "file.url") or ())


def _show(display: "Display", name: str, done: int, total: int) -> None:
    display.show(Progress("upload", name, done, total))
