"""The dry run and the paid call: one task for one request, within the budget."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.model import Model
from ...core.errors import Fault, InvalidInputError
from ...journal.journal import Journal
from ...journal.submission import CREATED, Submission
from ...tasks.results.facts import plain, task_facts
from ...tasks.run import DryRun
from ...tasks.submit.journaled import unknown_outcome_error
from ..answers import Answer
from ..declarations import NUMBER
from ..folder import AllowedFolder, UnreadableError
from .quotes import Quote, Quotes, idempotency_key
from .spending import Spending, amount

if TYPE_CHECKING:
    from ...client import AsyncClient


class _Checked(NamedTuple):
    """A request that may be submitted: the arguments of the client, with the contents of its pictures."""

    arguments: dict[str, Any]
    dry_run: DryRun
    key: str


class Payment:
    """Checks and submits requests."""

    def __init__(
        self,
        client: "AsyncClient[Any]",
        journal: Journal,
        folder: AllowedFolder,
        quotes: Quotes,
        spending: Spending,
    ) -> None:
        self._client = client
        self._session = client._session
        self._journal = journal
        self._folder = folder
        self._quotes = quotes
        self._spending = spending
        self._submissions: dict[str, asyncio.Task[Answer]] = {}
        """The submissions on their way, by idempotency key. The end of a call does not end one."""

    async def dry_run(self, model: Model, arguments: dict[str, Any]) -> Answer:
        """Check everything, and return the price and a token. Raises `InvalidInputError`."""
        checked = await self._check(model, arguments)
        known = await self._known(checked.key)
        number = arguments.get(NUMBER, 1)
        if number > 1:
            self._check_earlier(
                await self._known(idempotency_key(checked.dry_run.request, number - 1)), number - 1
            )
        self._refuse_unknown(known)
        token, expires = self._quotes.issue(Quote(model, arguments, checked.key))
        facts: dict[str, Any] = {
            "price": self._price(checked.dry_run.credits),
            "budget_left": await asyncio.to_thread(self._spending.left),
            "pictures": [plain(picture) for picture in checked.dry_run.pictures],
            "token": token,
            "token_expires": datetime.fromtimestamp(expires, UTC).isoformat(),
            "next": "Nothing was sent. Show the price to the person that you work for, then call submit with "
            "the token.",
        }
        if known and known.state in CREATED:
            facts["submitted_before"] = _existing(known)
            facts["next"] = (
                "These arguments were submitted before. submit with this token returns that task and costs "
                f"nothing. For another task with the same arguments, raise {NUMBER}."
            )
        return Answer(facts)

    async def submit(self, arguments: dict[str, Any]) -> Answer:
        """Create the task of a token, or return the one that it has.

        The submission continues if the call is cancelled: whether a task exists must not stay unknown.
        """
        token = arguments["token"]
        key = self._quotes.key_of(token)
        submission = self._submissions.get(key)
        if submission is None:
            submission = self._submissions[key] = asyncio.create_task(self._submit(token, key))
            submission.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(submission)

    async def close(self) -> None:
        """Wait for the submissions that are on their way."""
        await asyncio.gather(*self._submissions.values(), return_exceptions=True)

    def _ended(self, key: str, submission: "asyncio.Task[Answer]") -> None:
        del self._submissions[key]
        if not submission.cancelled():
            submission.exception()  # reported to the calls that wait for it, if any is left

    async def _submit(self, token: str, key: str) -> Answer:
        known = await self._known(key)
        if known and known.state in CREATED:
            return Answer({"outcome": "submitted before", **_existing(known)})
        self._refuse_unknown(known)
        quote = self._quotes.quote_of(token)
        checked = await self._check(quote.model, quote.arguments)
        if checked.key != key:
            message = "a file has changed since the dry run, so nothing was sent; make the dry run again"
            raise InvalidInputError([Fault("token", "content", message)])
        await asyncio.to_thread(self._spending.reserve, key, checked.dry_run.credits)
        try:
            resource = getattr(self._client, quote.model.resource)
            task = await resource.submit(**checked.arguments, idempotency_key=key)
        finally:
            await asyncio.to_thread(self._spending.end, key)
        return Answer(
            {
                "outcome": "accepted",
                "task": task_facts(task),
                "idempotency_key": key,
                "price": self._price(checked.dry_run.credits),
                "budget_left": await asyncio.to_thread(self._spending.left),
                "next": "Call wait_for_task, then save_results.",
            }
        )

    async def _check(self, model: Model, arguments: Mapping[str, Any]) -> _Checked:
        """Read the pictures, each once, and check the request. Raises `InvalidInputError`."""
        given = dict(arguments)
        number = given.pop(NUMBER, 1)
        given = await asyncio.to_thread(self._with_files, model, given)
        run = getattr(self._client, model.resource).run
        dry_run: DryRun = await run(dry_run=True, **given)
        return _Checked(given, dry_run, idempotency_key(dry_run.request, number))

    def _with_files(self, model: Model, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments with the contents of the files that they name."""
        given = dict(given)
        faults = []
        for image in model.images:
            paths = given.get(image.argument)
            if paths is None:
                continue
            files = []
            for path in paths if image.listed else [paths]:
                try:
                    files.append(self._folder.read(path, image.max_bytes))
                except UnreadableError as error:
                    faults.append(Fault(image.argument, "readable", str(error)))
            given[image.argument] = files if image.listed else next(iter(files), None)
        if faults:
            raise InvalidInputError(faults)
        return given

    async def _known(self, key: str) -> Submission | None:
        return await asyncio.to_thread(self._journal.look_up, self._session.server, key)

    def _check_earlier(self, submission: Submission | None, number: int) -> None:
        """Raise unless the number before has a task: no number is a way around an unknown outcome."""
        self._refuse_unknown(submission)
        if submission is None or submission.state not in CREATED:
            message = f"with {number}, these arguments have no task yet; submit that number first"
            raise InvalidInputError([Fault(NUMBER, "order", message)])

    def _refuse_unknown(self, submission: Submission | None) -> None:
        if submission and submission.state == "unknown":
            raise unknown_outcome_error(self._session.contract, submission)

    def _price(self, credits_: float | None) -> dict[str, Any]:
        if credits_ is None:
            return {"text": "not declared"}
        return amount(credits_, self._session.contract.credit_price)


def _existing(submission: Submission) -> dict[str, Any]:
    return {
        "task": {"id": submission.task_id, "state": submission.state},
        "idempotency_key": submission.idempotency_key,
    }
