"""What every command that calls the service has in common: its options, its client, its end."""

import inspect
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Never

import typer

from ..core.errors import ConfigurationError, JournalError, KieError
from ..http.request import check_base_url
from ..tasks.results.progress import Progress
from .output import Terminal
from .package import Package

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
SaveTo = Annotated[str, typer.Option("--save-to", "-o", help="Folder for the pictures and their record.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace other files of the same names.")]
Timeout = Annotated[
    float | None,
    typer.Option(min=0, help="Seconds to wait for the task; the contract's deadline by default."),
]
JOURNAL_VARIABLE = "KIE_JOURNAL"
JournalPath = Annotated[
    str,
    typer.Option(
        "--journal",
        envvar=JOURNAL_VARIABLE,
        help="Where creates are written down; `doctor` says where that is by default.",
        show_default=False,
    ),
]
TaskId = Annotated[str, typer.Argument(help="A task's id.", show_default=False)]


class CommandContext:
    """A command's client and terminal, and the task that it is about, once there is one."""

    def __init__(self, package: Package, servers: dict[str, str], as_json: bool, journal: str | None) -> None:
        self.package = package
        self.terminal = Terminal(as_json)
        self.task_id = ""
        self.save_to = ""
        self._creating = False
        self.servers = servers
        self.journal = journal
        """Its path; empty for the usual one, None where the command keeps none."""

    def client(self) -> Any:
        """A client of the servers that were asked for; the key comes from the environment."""
        if self.journal is None:
            return self.package.client(**self.servers)
        if not self.journal:
            _make_folder(own_journal(self.package).parent)
        return self.package.client(**self.servers, journal=self.journal_path())

    def offline_client(self) -> Any:
        """A client that is to send nothing: it needs no key, and keeps no journal."""
        return self.package.client("none", **self.servers)

    def journal_path(self) -> Path:
        """Where this command's creates are written down."""
        return Path(self.journal) if self.journal else own_journal(self.package)

    def looked_at(self) -> str:
        """Which jobs a report is of: those of a journal and a server."""
        return f"in {self.journal_path()} for {next(iter(self.servers.values()))}"

    def watch(self, show: Callable[[Progress], None], step: Progress) -> None:
        """Keep the task's id before anything else happens, then show the step."""
        self._creating = step.stage == "create"
        self.task_id = step.task_id or self.task_id
        show(step)

    def resume(self) -> str:
        """The command that goes on with the task."""
        return self.line("wait", self.task_id, *(["--save-to", self.save_to] if self.save_to else []))

    def line(self, *words: str) -> str:
        """A command of the same servers and the same journal."""
        line = [self.package.name, *words]
        for name, url in server_options(self.package).items():
            line += [f"--{name.replace('_', '-')}", self.servers[name]] if self.servers[name] != url else []
        return shlex.join([*line, *(["--journal", self.journal] if self.journal else [])])

    def interrupted(self) -> Never:
        """End after Ctrl-C."""
        if self.task_id:
            self.terminal.say(
                f"interrupted; task {self.task_id} goes on and is paid for; resume: {self.resume()}"
            )
        elif self._creating:
            self.terminal.say(
                "interrupted while the task was created: it may exist and be paid for; this goes on with it, "
                f"or says that nobody knows: {self.line('resume')}"
            )
        else:
            self.terminal.say("interrupted; no task was created")
        raise typer.Exit(130) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"{folder}: the journal's folder cannot be made ({error.strerror}). Nothing is sent that is not "
            "written down first: name a file in a folder that you may write with --journal"
        ) from error


def own_journal(package: Package) -> Path:
    """Where creates are written down unless the caller says."""
    return Path(typer.get_app_dir(package.name)) / "journal.db"


def server_options(package: Package) -> dict[str, str]:
    """The option of each server, and its declared URL."""
    first, *others = package.contract.servers
    return {"base_url": first.url} | {f"{server.name}_base_url": server.url for server in others}


def command(package: Package, function: Callable[..., None], *, journal: bool = False) -> Callable[..., None]:
    """Make a command of a function that takes a `CommandContext`; add the options of a connection."""
    servers = server_options(package)

    def command(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in servers}
        for name, url in chosen.items():
            _check_base_url(name, url)
        context = CommandContext(package, chosen, given.pop("as_json"), given.pop("journal", None))
        try:
            with context.terminal.capture_logs():
                function(context, **given)
        except KeyboardInterrupt:
            context.interrupted()
        except KieError as error:
            error.task_id = error.task_id or context.task_id or None
            raise
        except OSError:
            if context.task_id:
                context.terminal.say(
                    f"task {context.task_id} is there; see: {context.line('status', context.task_id)}"
                )
            raise

    parameters = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    parameters += [_server(name, url) for name, url in servers.items()]
    if journal:
        parameters.append(
            inspect.Parameter("journal", inspect.Parameter.KEYWORD_ONLY, default="", annotation=JournalPath)
        )
    parameters.append(
        inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson)
    )
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect reads first
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    command.__doc__ = function.__doc__
    command.__name__ = function.__name__
    return command


def _check_base_url(name: str, url: str) -> None:
    try:
        check_base_url(f"--{name.replace('_', '-')}", url)
    except ConfigurationError as error:
        raise typer.BadParameter(str(error)) from None


def _server(name: str, url: str) -> inspect.Parameter:
    option = Annotated[str, typer.Option(help="A server to use instead, such as a sandbox's.")]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=url, annotation=option)


def watcher(context: CommandContext, show: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """What a run tells its steps to."""
    return partial(context.watch, show)
