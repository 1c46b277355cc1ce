"""One row of a batch from its job to its saved result. What it does next is read from the database."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from ...batch.input.columns import MODEL, REPAINT, columns
from ...batch.input.rows import Row
from ...batch.input.table import Layout, Table
from ...batch.output.outcome import Outcome
from ...batch.plan import Attempt
from ...batch.running.state import REFUSALS, StopReason
from ...batch.running.steps import Following, Steps
from ...core.reporting.telemetry import logger, waits
from ...journal.budget import Budget
from ...journal.submission import CREATED, NOT_CHARGED
from ...media.files import NamedContent
from ...media.inputs import is_url
from ...tasks.results.store import file_stem

if TYPE_CHECKING:
    from ...contract.model import Model
    from ...journal.submission import Submission
    from ..storage.rows import StoredRow
    from .accounts import WorkingAccount
    from .worker import Worker

# Attempts to save a result that is paid for. With the pauses between them, these take about three hours.
_SAVES = 25

# Seconds until an account is tried again that has no credits, or whose key was refused.
_STOPPED = 60.0


class RowProgress:
    """What became of one row in this process; the state and the log of `Steps`."""

    def __init__(self, worker: Worker, row: StoredRow, folder: Path) -> None:
        self._worker = worker
        self._row = row
        self.folder = folder
        self.why: StopReason | None = None
        """Why the row could not be sent now."""
        self.reason = ""
        self.was_accepted = False
        self.refusal: str | None = None

    @property
    def is_left(self) -> bool:
        """Whether what is not sent yet is not sent."""
        return self._worker.is_draining

    def put_back(self, attempt: Attempt, why: StopReason, reason: str) -> None:
        """Note that the row was not sent."""
        self.stop(why, reason)

    def stop(self, why: StopReason, reason: str = "") -> None:
        """Note why the row has no outcome."""
        self.why, self.reason = why, reason

    def accepted(self) -> None:
        """Note that the service accepts submissions."""
        self.was_accepted = True

    def refused(self, reason: str) -> None:
        """Note that the service refused the row."""
        self.refusal = reason

    def end(self, outcome: Outcome) -> None:
        """Do nothing: the outcome is recorded already."""

    def add(self, outcome: Outcome) -> None:
        """Record how the row ended. A result that is paid for and not saved is tried again."""
        # Paths are relative, because machines may have the folder in different places.
        paths = tuple(path.relative_to(self._worker.folder) for path in outcome.paths)
        local = outcome.paths[0].parent if self._worker.remote and paths else None
        if self._worker.remote and local:
            self._worker.remote.store(local, local.relative_to(self._worker.folder).as_posix())
        is_tried_again = outcome.status == "unfinished" and self._row.saves < _SAVES
        status = "open" if is_tried_again else outcome.status
        self._worker.rows.end(self._row.batch, outcome._replace(paths=paths), status)
        if local:
            rmtree(local, ignore_errors=True)


class Edit:
    """The work on one row in this process."""

    def __init__(self, worker: Worker, row: StoredRow, attempts: int) -> None:
        self._worker = worker
        self._row = row
        self._attempts = attempts

    async def run(self) -> float | None:
        """Bring the row as far as possible.

        Returns None if its job is done, otherwise the seconds until the next try.
        """
        worker, row = self._worker, self._row
        submission: Submission | None = await worker.call(
            worker.journal.look_up, worker.server, row.idempotency_key
        )
        if submission is None or submission.state in NOT_CHARGED:
            return await self._submit()
        own = [one for one in worker.picker.accounts if one.digest == submission.account]
        if not own:
            # A worker with the API key of that account continues it.
            logger.debug("row %s belongs to an account that this worker does not have", row.idempotency_key)
            return worker.lease
        return await self._continue(own[0], submission)

    async def _submit(self) -> float | None:
        """Submit the row with the account that is free first, and follow its task."""
        worker, row = self._worker, self._row
        excluded: set[str] = set()
        reason = ""
        while True:
            spending = await worker.call(worker.rows.spending, row.batch)
            stopped = await worker.call(worker.rows.stopped_accounts)
            payers = [one for one in worker.picker.accounts if one.can_pay(row, spending)]
            payers = [one for one in payers if one.name not in excluded]
            if not payers:
                reason = reason or "the next row does not fit in the budget"
                await worker.call(worker.rows.stop, row.batch, "budget", reason)
                return None
            able = [one for one in payers if one.digest not in stopped]
            if not able:
                return min(stopped[one.digest][0] for one in payers) + 0.1
            account = await worker.picker.take(able, row.model)
            if account is None:
                return 0.0
            try:
                current = await worker.call(worker.rows.load, row.idempotency_key)
                if current is None or current.status != "open" or current.stopped:
                    return None  # `submit` queues it again
                self._row = row = current  # its budget may have changed
                progress, step = await self._step(account)
            finally:
                worker.picker.give_back(account)
            if isinstance(step, Following):
                return await self._follow(account, progress, step)
            if step is not None:
                return self._ended(progress)
            if progress.why == "budget":
                excluded.add(account.name)
                reason = progress.reason
            elif progress.why == "credits":
                waits.warning("account %s takes no rows for now: %s", account.name, progress.reason)
                await worker.call(worker.rows.stop_account, account.digest, _STOPPED, progress.reason)
            else:
                return self._pause(progress)

    async def _continue(self, account: WorkingAccount, submission: Submission) -> float | None:
        """Follow a row that was sent before, here or elsewhere. Nothing is sent."""
        progress, step = await self._step(account)
        if isinstance(step, Following):
            return await self._follow(account, progress, step)
        if step is not None:
            return self._ended(progress)
        if submission.state not in CREATED and progress.why not in ("journal", "asked", "unreachable"):
            return 0.0  # its attempt ended as refused meanwhile
        return self._pause(progress)

    async def _step(self, account: WorkingAccount) -> tuple[RowProgress, Following | Outcome | None]:
        worker, row = self._worker, self._row
        model = account.session.contract.models[row.model]
        arguments = await worker.call(partial(self._arguments, model))
        repaint = arguments.pop(REPAINT, None)
        attempt = Attempt(
            Row(row.key, row.line, model, arguments, repaint, row.credits), row.idempotency_key, row.request
        )
        folder = worker.folder / file_stem(row.batch)
        progress = RowProgress(worker, row, folder)
        self._steps = Steps(
            account.session,
            account.context.poller,
            account.context.make_task,
            Table(row.batch, Path(), Layout("rows"), []),
            progress,
            progress,
            Budget(row.batch, row.max_credits),
            account.uploads,
        )
        step = await account.context.run(self._steps.submit(attempt))
        # Not while the flow runs: it would block all other rows.
        if progress.refusal is not None:
            await worker.call(worker.rows.count_refusal, row.batch, progress.refusal, REFUSALS)
        elif progress.was_accepted and row.refusals:
            await worker.call(worker.rows.reset_refusals, row.batch)
        return progress, step

    async def _follow(
        self, account: WorkingAccount, progress: RowProgress, following: Following
    ) -> float | None:
        """Wait for the task and save its results. The row is put back if the worker leaves."""
        context, worker = account.context, self._worker
        poller, task = context.poller, following.task
        ready = asyncio.Event()
        deadline = context.session.workflow.wait.deadline
        subscription = poller.subscribe(context.make_task, deadline, yields_changes=False)
        subscription.on_wake = ready.set
        poller.add(subscription, task.id, task._created)
        with worker.wakes(ready):
            while not poller.ready(subscription) and not worker.is_leaving:
                ready.clear()
                await ready.wait()
        subscription.on_wake = None
        if not poller.ready(subscription):
            poller.unsubscribe(subscription)
            return 0.0
        outcome = await context.run(self._steps.finish(following, subscription))
        if outcome.status == "unfinished" and self._row.saves < _SAVES:
            waits.warning("row %s: %s; trying again", self._row.idempotency_key, outcome.reason)
            return float(min(600, 2 ** min(self._row.saves, 10)))
        return self._ended(progress)

    def _ended(self, progress: RowProgress) -> float | None:
        """Return None if the end of the row is recorded, or the seconds until the next try."""
        return self._pause(progress) if progress.why == "results" else None

    def _pause(self, progress: RowProgress) -> float:
        if progress.why == "asked":
            return 0.0
        waits.warning("row %s is tried again: %s", self._row.idempotency_key, progress.reason)
        return float(min(60, 2 ** min(self._attempts, 6)))

    def _arguments(self, model: Model) -> dict[str, Any]:
        """Return the arguments of the row, with the contents of its pictures."""
        given = {name: value for name, value in self._row.request.items() if name != MODEL}
        for name, column in columns(model).items():
            if column.image and name in given:
                value = given[name]
                given[name] = (
                    list(map(self._picture, value)) if isinstance(value, list) else self._picture(value)
                )
        return given

    def _picture(self, shown: str) -> Any:
        return shown if is_url(shown) else NamedContent(*self._worker.picture(shown.removeprefix("sha256:")))
