"""What the commands share: their options, their client, and how they end."""

import inspect
from collections.abc import Callable, Container
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Never

import typer

from ..contract.facts import task_resource
from ..core.clock import SYSTEM_CLOCK
from ..core.errors import (
    ConfigurationError,
    InvalidInputError,
    JournalError,
    PackageError,
    SubmissionUnknownError,
    TaskFailedError,
)
from .exit_codes import INTERRUPTED, code_of
from .messages import error_lines, option_names, with_options
from .options.completion import complete_task_id, complete_unknown_key
from .options.connection import (
    JOURNAL,
    check_key_is_set,
    default_journal,
    journal_parameter,
    journal_path,
    server_parameters,
)
from .options.database import ACCOUNT, DATABASE, accounts, database_parameters
from .package import Package
from .repeat import other, repeated
from .terminal.output import Terminal

if TYPE_CHECKING:
    from ..tasks.results.progress import Progress

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
SaveTo = Annotated[
    str,
    typer.Option("--save-to", "-o", metavar="PATH", help="Folder for the results and their JSON record."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files of the same names.")]


class CommandContext:
    """The client and the terminal of a running command, and the tasks that it is about."""

    def __init__(self, package: Package, typer_context: typer.Context, given: dict[str, Any]) -> None:
        """Take the options that the commands share out of `given`."""
        self.package = package
        self.clock = SYSTEM_CLOCK
        self.terminal = Terminal(self.clock, as_json=given.pop("as_json", False))
        self.names = option_names(typer_context.command)
        self.task_ids: list[str] = []
        """The tasks that are paid for, and that the command has not finished with."""
        self.creates = False
        """Whether the command submits a task."""
        self.creating = False
        """Whether a submission is on its way."""
        self.changes: dict[str, str] = {}
        """Options that the command chose itself, for `repeated`."""
        self._typer_context = typer_context
        self.servers: dict[str, str] = {}
        """The URL of each server, by its name; none if the command calls none."""
        if servers := [server for server in package.contract.servers if server.argument in given]:
            from ..http.servers import server_urls  # needs httpx, which help does not

            urls = {server.argument: given.pop(server.argument) for server in servers}
            try:
                self.servers = server_urls(servers, urls)
            except ConfigurationError as error:
                raise typer.BadParameter("; ".join(error_lines(error, self.names))) from None
        self._database: str | None = given.pop(DATABASE, None)
        self._accounts: list[str] = given.pop(ACCOUNT, None) or []
        if self._accounts and not self._database:
            raise typer.BadParameter(f"--{ACCOUNT}: needs --{DATABASE}")
        self._journal: str | None = given.pop(JOURNAL, None)
        """The path that was given, or "" for the default; None if the command uses no journal."""

    def client(self, *, journal: bool = True) -> Any:
        """Return a client with the API key of the environment. Raises `ConfigurationError`."""
        check_key_is_set(self.package)
        journal_argument = self._journal_argument() if journal else {}
        return self.package.client(**self._server_arguments(), **journal_argument)

    def tasks(self, client: Any) -> Any:
        """Return the resource of a client that reads tasks."""
        return getattr(client, task_resource(self.package.contract))

    def offline_client(self, *, journal: bool = True) -> Any:
        """Return a client that sends nothing: it needs no API key."""
        journal_argument = self._journal_argument() if journal else {}
        return self.package.offline_client(**self._server_arguments(), **journal_argument)

    @property
    def has_database(self) -> bool:
        """Whether the command is about batches in a database."""
        return bool(self._database)

    def cluster(self, *, offline: bool = False) -> Any:
        """Return the batches of the database that was given. Raises `ConfigurationError`."""
        if not self._database:
            raise typer.BadParameter(f"--{DATABASE}: is missing; give the URL of a PostgreSQL database")
        paying = [] if offline else accounts(self.package, self._accounts)
        folder = journal_path(self.package, self._journal or "").parent
        return self.package.cluster()(self._database, paying, **self._server_arguments(), folder=folder)

    def submissions(self, *, offline: bool = False) -> Any:
        """Return what has the submissions: the database, or a client with the journal."""
        if self._database:
            return self.cluster()
        return self.offline_client() if offline else self.client()

    def _server_arguments(self) -> dict[str, str]:
        return {
            server.argument: self.servers[server.name]
            for server in self.package.contract.servers
            if server.name in self.servers
        }

    def check_journal(self) -> Path:
        """Open the journal and write to it, and return its path. Raises `JournalError`.

        A journal that does not exist is not created: a new one is made next to its place and deleted again.
        """
        from ..journal.sqlite.trouble import cannot_write

        path = Path(self._journal or default_journal(self.package))
        if path.exists():
            with self.offline_client() as client:
                client.unknown()
            return path
        folder = path.absolute().parent
        if not self._journal:  # the folder of the default journal is created when it is used
            folder = next(one for one in (folder, *folder.parents) if one.exists())
        try:
            with TemporaryDirectory(dir=folder) as place:
                journal = Path(place) / path.name
                with self.package.offline_client(**self._server_arguments(), journal=journal) as client:
                    client.unknown()
        except OSError as error:
            raise JournalError(cannot_write(path, error)) from None
        return path

    def async_client(self, *api_key: str) -> Any:
        """Return an asyncio client, by default with the API key of the environment."""
        return self.package.async_client(*api_key, **self._server_arguments(), **self._journal_argument())

    def _journal_argument(self) -> dict[str, Any]:
        if self._journal is None:
            return {}
        return {"journal": journal_path(self.package, self._journal)}

    def searched(self) -> str:
        """Return where submissions were looked for: in one journal or database, for one server."""
        if self._database:
            return f"in the database for {next(iter(self.servers.values()))}"
        path = journal_path(self.package, self._journal or "")
        return f"in {path} for {next(iter(self.servers.values()))}"

    def check_save_to(self, save_to: str) -> None:
        """Raise `InvalidInputError` if files cannot be stored in a folder."""
        from ..tasks.results.download import folder_faults

        if faults := folder_faults(save_to, "save_to"):
            raise InvalidInputError(faults)

    def with_options(self, text: str) -> str:
        """Return a text of the library with options instead of arguments."""
        return with_options(text, self.names)

    def watch(self, step: "Progress") -> None:
        """Note that a submission is on its way, or which task it created."""
        self.creating = step.stage == "create"
        if step.task_id and step.task_id not in self.task_ids:
            self.task_ids.append(step.task_id)

    def line(self, name: str, *arguments: str) -> str:
        """Return another command for the same servers and the same journal."""
        shared = {*(server.argument for server in self.package.contract.servers), JOURNAL, DATABASE, ACCOUNT}
        return other(self.package.name, self._typer_context, name, *arguments, shared=shared)

    def continuation(self, *leave_out: str) -> str:
        """Return the command that continues where this one stopped."""
        return repeated(self.package.name, self._typer_context, self.changes, leave_out)

    def fail(self, error: Exception) -> Never:
        """Print what is wrong and how to continue, and exit with the code of the error."""
        if isinstance(error, PackageError) and not error.task_id and len(self.task_ids) == 1:
            error.task_id = self.task_ids[0]
        for line in error_lines(error, self.names):
            self.terminal.say(f"error: {line}")
        if isinstance(error, SubmissionUnknownError):
            self.terminal.say(f"to list unknown submissions: {self.line('unknown')}")
        elif self.task_ids and not isinstance(error, TaskFailedError | InvalidInputError):
            # With the same timeout, it would give up again at once.
            leave_out = ["timeout"] if isinstance(error, TimeoutError) else []
            self.terminal.say(f"{self._paid('is', 'are')}; to continue: {self.continuation(*leave_out)}")
        raise typer.Exit(code_of(error)) from None

    def interrupted(self) -> Never:
        """Print how to continue, and exit as after Ctrl-C."""
        if self.task_ids:
            text = f"{self._paid('continues and is', 'continue and are')}; to continue: {self.continuation()}"
        elif self.creating:
            text = (
                "a submission was on its way: a task may exist and may have been charged; to see whether it "
                f"does: {self.line('unknown')}; to continue: {self.continuation()}"
            )
        else:
            text = "no task was created" if self.creates else ""
        self.terminal.say(f"interrupted; {text}" if text else "interrupted")
        raise typer.Exit(INTERRUPTED) from None

    def _paid(self, one: str, many: str) -> str:
        if len(self.task_ids) == 1:
            return f"task {self.task_ids[0]} {one} paid for"
        return f"{len(self.task_ids)} tasks {many} paid for"


def command(
    package: Package,
    function: Callable[..., None],
    *,
    servers: bool = True,
    journal: bool = False,
    database: bool = False,
    as_json: bool = True,
    without: Container[str] = (),
) -> Callable[..., None]:
    """Make a command of a function that takes a `CommandContext`, and add the options they share.

    Args:
        without: Options that would be of no use with this API; the function has defaults for them.
    """

    def command(**given: Any) -> None:
        context = CommandContext(package, given.pop("typer_context"), given)
        for name, value in given.items():
            if isinstance(value, float) and not isfinite(value):
                raise typer.BadParameter(f"{context.names[name]}: must be a finite number, got {value}")
        try:
            with context.terminal.capture_logs():
                function(context, **given)
        except KeyboardInterrupt:
            context.interrupted()
        except (PackageError, OSError, ImportError) as error:
            context.fail(error)

    parameters = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    parameters = [_completed(package, each) for each in parameters if each.name not in without]
    parameters += server_parameters(package) if servers else []
    parameters += [journal_parameter(package)] if journal else []
    parameters += database_parameters(package) if database else []
    if as_json:
        parameters.append(_keyword("as_json", AsJson, default=False))
    parameters.append(_keyword("typer_context", typer.Context, default=inspect.Parameter.empty))
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect reads first
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    command.__doc__ = function.__doc__
    command.__name__ = function.__name__
    return command


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _completed(package: Package, parameter: inspect.Parameter) -> inspect.Parameter:
    """Return the parameter with what only the package knows: the default timeout, and what to offer."""
    if parameter.name == "timeout":
        option = typer.Option(min=0, metavar="SECONDS", show_default=False, help=_timeout_help(package))
        return parameter.replace(annotation=Annotated[float | None, option])
    if parameter.name == "task_id":
        argument = typer.Argument(
            metavar="TASK_ID",
            help="Id of a task.",
            show_default=False,
            autocompletion=complete_task_id(package),
        )
        return parameter.replace(annotation=Annotated[str, argument])
    if parameter.name == "unknown_key":
        argument = typer.Argument(
            metavar="KEY",
            help="Idempotency key of the submission; `unknown` lists it.",
            show_default=False,
            autocompletion=complete_unknown_key(package),
        )
        return parameter.replace(annotation=Annotated[str, argument])
    return parameter


def _timeout_help(package: Package) -> str:
    seconds = package.contract.workflow.wait.deadline
    whole_minutes = seconds >= 120 and seconds % 60 == 0
    default = f"{seconds / 60:g} minutes" if whole_minutes else f"{seconds:g} seconds"
    return f"Seconds until the command gives up. By default, it waits {default} for a task."
