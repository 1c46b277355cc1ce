"""The tools: a dry run for each model, the paid call, and what follows it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract.facts import returning
from ..contract.json_schema import compile_schema, validate
from ..contract.model import Contract
from ..contract.suggest import did_you_mean
from ..core.errors import ConfigurationError, PackageError
from ..journal.budget import BudgetReachedError
from .answers import Answer, error_answer
from .declarations import description, input_schema, tool_name
from .folder import AllowedFolder
from .followup import WAIT, FollowUp
from .paying.payment import Payment
from .paying.quotes import LIFETIME, Quotes
from .paying.spending import Limits, Spending
from .progress import Report

if TYPE_CHECKING:
    from ..client import AsyncClient

EMPTY: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


class Settings(NamedTuple):
    """What a server is made from."""

    command: str
    """The name of the command line, which messages mention."""
    help: Mapping[str, Mapping[str, str]]
    """The description of each model's arguments."""
    folder: Path
    """Pictures are read below this folder only."""
    save_to: Path
    """Results are stored in this folder."""
    limits: Limits = Limits()
    missing_key: str = ""
    """Why nothing can be sent, if there is no API key."""


class Tool(NamedTuple):
    """One tool: what it is called, and what it does with the arguments that its schema allows."""

    name: str
    description: str
    schema: dict[str, Any]
    call: Callable[..., Awaitable[Answer]]
    changes: bool = False
    """Whether it changes something: the account, the journal, or files."""
    sends: bool = True
    """Whether it sends a request, for which the API key is needed."""
    reports: bool = False
    """Whether it also takes a `Report`, for its progress."""


class Toolbox:
    """The tools of one client. Raises `ConfigurationError`, `JournalError`."""

    def __init__(self, client: "AsyncClient[Any]", settings: Settings) -> None:
        session = client._session
        if session.journal is None:
            raise ConfigurationError("the tools need a journal: pass journal=PATH to the client")
        self._settings = settings
        credit_price = session.contract.credit_price
        spending = Spending(session.journal, session.server, settings.limits, credit_price, session.clock)
        quotes = Quotes(session.journal.secret(), session.clock)
        folder = AllowedFolder(settings.folder)
        self._payment = Payment(client, session.journal, folder, quotes, spending)
        follow_up = FollowUp(client, spending, settings.save_to, settings.command)
        contract = session.contract
        models = [
            Tool(
                tool_name(model),
                description(contract, model, _summary(client, model.resource)),
                input_schema(contract, model, settings.help[name]),
                partial(self._payment.dry_run, model),
                sends=False,
            )
            for name, model in contract.models.items()
        ]
        self.tools = {tool.name: tool for tool in [*models, *_fixed(contract, self._payment, follow_up)]}
        self._checks = {tool.name: compile_schema(tool.schema) for tool in self.tools.values()}

    async def call(self, name: str, arguments: dict[str, Any], report: Report) -> Answer:
        """Call a tool. What is wrong is an answer that says so. `report` gets its progress."""
        try:
            return await self._call(name, arguments, report)
        except (PackageError, BudgetReachedError, OSError, ImportError) as error:
            return error_answer(error, self._settings.command)

    async def _call(self, name: str, arguments: dict[str, Any], report: Report) -> Answer:
        tool = self.tools.get(name)
        if tool is None:
            hint = did_you_mean(name, list(self.tools))
            raise ConfigurationError(f"{name!r} is not one of {', '.join(self.tools)}{hint}")
        validate(self._checks[name], arguments)
        if tool.sends and self._settings.missing_key:
            raise ConfigurationError(self._settings.missing_key)
        return await (tool.call(arguments, report) if tool.reports else tool.call(arguments))

    async def close(self) -> None:
        """Wait for the submissions that are on their way."""
        await self._payment.close()


def _summary(client: "AsyncClient[Any]", resource: str) -> str:
    return (type(getattr(client, resource)).__doc__ or "").partition("\n")[0]


def _object(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _text(text: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": 1000, "description": text}


def _fixed(contract: Contract, payment: Payment, follow_up: FollowUp) -> list[Tool]:
    """Return the tools other than those of the models."""
    task_id = _text("The id of the task.")
    balance = returning(contract, "account.credits")
    read_credits = [
        Tool(
            "credits",
            "Read the credits of the account, and what is left of the budget.",
            EMPTY,
            partial(follow_up.credits, operation),
        )
        for operation in ([balance] if balance else [])
    ]
    return [
        Tool(
            "submit",
            "Create the task of a dry run. This is charged. The same token always gives the same task, so "
            "repeat the call if you have lost its answer. A token expires after "
            f"{LIFETIME / 60:g} minutes unless it was submitted.",
            _object(["token"], token=_text("The token that the dry run returned, unchanged.")),
            payment.submit,
            changes=True,
        ),
        Tool(
            "task_status",
            "Read the state of a task. This costs nothing.",
            _object(["task_id"], task_id=task_id),
            follow_up.status,
        ),
        Tool(
            "wait_for_task",
            "Wait until a task has ended, for a limited time. This costs nothing. If it has not ended then, "
            "call it again.",
            _object(
                ["task_id"],
                task_id=task_id,
                seconds={
                    "type": "number",
                    "minimum": 0,
                    "maximum": 600,
                    "default": WAIT,
                    "description": "How long to wait.",
                },
            ),
            follow_up.wait,
            reports=True,
        ),
        Tool(
            "save_results",
            "Download the results of a task that has succeeded into the folder for results. Returns the "
            "paths and small versions of the pictures. Results expire, so save them soon.",
            _object(["task_id"], task_id=task_id),
            follow_up.save,
            changes=True,
        ),
        *read_credits,
        Tool(
            "list_submissions",
            "List the submissions that need attention: those whose outcome is unknown, and the tasks that "
            "are paid for and not saved. Call it after a restart.",
            EMPTY,
            follow_up.submissions,
            sends=False,
        ),
        Tool(
            "attach_task",
            "Settle a submission whose outcome is unknown with its task, which was found in the task log of "
            "the account. The task's record is compared with the submission. This costs nothing.",
            _object(
                ["idempotency_key", "task_id"],
                idempotency_key=_text("The key of the submission; list_submissions lists it."),
                task_id=task_id,
            ),
            follow_up.attach,
            changes=True,
        ),
    ]
