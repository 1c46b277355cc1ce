"""The steps of one row, as flows: submit it, and save what its task made. Each outcome is decided here."""

from __future__ import annotations

import json
from collections.abc import Generator
from errno import EDQUOT, ENOSPC, EROFS
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from ...core.effects import Effect, Flow, Gather, RunBlocking, SendRequest, Sleep, T, WaitForWakeup
from ...core.errors import (
    ApiError,
    CallTimeoutError,
    DownloadError,
    InvalidInputError,
    JournalError,
    PackageError,
    ServiceUnreachableError,
    SubmissionUnknownError,
    TaskFailedError,
)
from ...core.subscription import Subscription
from ...journal.budget import Budget, BudgetReachedError
from ...tasks.polling.wait import ended_task
from ...tasks.results.download import check_folder, save
from ...tasks.results.lost import is_lost
from ...tasks.results.sidecar import RunInputs
from ...tasks.results.store import file_stem
from ..input.table import Table
from ..output.outcome import Outcome, Status
from ..plan import Attempt, row_faults, task_run
from .state import StopReason
from .uploads import SharedUploads

if TYPE_CHECKING:
    from ...http.session import Session
    from ...tasks.polling.poller import TaskPoller
    from ...tasks.results.view import TaskFactory, TaskView


class ResultLog(Protocol):
    """Where outcomes are recorded, and the folder of the results."""

    folder: Path

    def add(self, outcome: Outcome) -> None:
        """Record the end of a row. Raises `DownloadError`, `JournalError`."""
        ...


class RowState(Protocol):
    """What the steps report about rows; see `BatchState`."""

    @property
    def is_left(self) -> bool:
        """Whether what is not sent yet is not sent."""
        ...

    def put_back(self, attempt: Attempt, why: StopReason, reason: str) -> None:
        """Note that a row was not sent, and why no row can be for now."""
        ...

    def stop(self, why: StopReason, reason: str = "") -> None:
        """Submit no more rows."""
        ...

    def accepted(self) -> None:
        """Note that the service accepts submissions."""
        ...

    def refused(self, reason: str) -> None:
        """Note that the service refused a row."""
        ...

    def end(self, outcome: Outcome) -> None:
        """Count a row that has ended."""
        ...


StateT = TypeVar("StateT", bound=RowState)


class Following(NamedTuple):
    """A row whose task is paid for and runs."""

    attempt: Attempt
    task: TaskView
    inputs: RunInputs | None
    """What was sent, unless it was sent by an earlier run."""


class Steps(Generic[StateT]):
    """The steps of all rows of one batch. Threads share it."""

    def __init__(
        self,
        session: Session,
        poller: TaskPoller,
        make_task: TaskFactory[Any],
        table: Table,
        state: StateT,
        results: ResultLog,
        budget: Budget,
        uploads: SharedUploads | None = None,
    ) -> None:
        """`uploads` are those of other rows; new ones unless given."""
        self._session = session
        self._poller = poller
        self._make_task = make_task
        self._table = table
        self._results = results
        self._budget = budget
        self._uploads = uploads or SharedUploads(session)
        self.state = state

    def submit(self, attempt: Attempt) -> Flow[Following | Outcome | None]:
        """Check, upload and submit a row. Returns its outcome if it ends so, and None if it was not sent."""
        return (yield from _unless_left(self._submit(attempt), self.state))

    def _submit(self, attempt: Attempt) -> Flow[Following | Outcome | None]:
        row, state = attempt.row, self.state
        run = task_run(
            self._session, self._poller, row, share_upload=self._uploads.share, budget=self._budget
        )
        why: StopReason
        try:
            submitted = yield from run.submitted(
                self._make_task, attempt.idempotency_key, self._folder(attempt)
            )
        except InvalidInputError as error:
            faults = row_faults(self._table, row, error)
            text = "; ".join(f"{fault.path}: {fault.message}" for fault in faults)
            return (yield from self._end(attempt, "failed", error, reason=text))
        except SubmissionUnknownError as error:
            return (yield from self._end(attempt, "unknown", error, error.task_id, row.credits))
        except BudgetReachedError:
            why, reason = "budget", "the next row does not fit in the budget"
        except JournalError as error:
            why, reason = "journal", str(error)
        except CallTimeoutError as error:
            why, reason = "asked", str(error)
        except ServiceUnreachableError as error:
            why, reason = "unreachable", str(error)
        except ApiError as error:
            if error.code not in self._account_codes(row.model.operation):
                state.refused(str(error))
                return (yield from self._end(attempt, "failed", error))
            why, reason = "credits", str(error)
        except PackageError as error:
            # An upload whose reply was lost: nothing was submitted.
            state.refused(str(error))
            return (yield from self._end(attempt, "failed", error))
        else:
            state.accepted()
            if submitted.existed:
                saved: tuple[Path, ...] = yield RunBlocking(partial(self._saved, attempt, submitted.task.id))
                if saved:
                    return (
                        yield from self._end(
                            attempt, "succeeded", None, submitted.task.id, row.credits, saved
                        )
                    )
            inputs = None if submitted.existed else RunInputs(submitted.request, submitted.pictures)
            return Following(attempt, submitted.task, inputs)
        state.put_back(attempt, why, reason)
        return None

    def finish(self, following: Following, subscription: Subscription) -> Flow[Outcome]:
        """Save the results of a task whose subscription has an event."""
        attempt, folder = following.attempt, self._folder(following.attempt)
        task_id, credits_ = following.task.id, attempt.row.credits
        try:
            task = ended_task(self._session, self._poller.take(subscription))
            credits_ = credits_ if task.credits is None else task.credits
            yield RunBlocking(partial(check_folder, folder, "save_to"))
            paths = yield from save(self._session, task, folder, False, None, following.inputs)
        except TaskFailedError as error:
            cost = error.task.credits
            return (
                yield from self._end(attempt, "failed", error, task_id, credits_ if cost is None else cost)
            )
        except PackageError as error:
            if _is_full(error):
                # The results of more rows would be paid for and not saved.
                self.state.stop("results", self._session.parser.redact(str(error)))
            lost = yield from is_lost(self._session, task_id, error)
            status: Status = "lost" if lost else "unfinished"
            return (yield from self._end(attempt, status, error, task_id, credits_))
        return (yield from self._end(attempt, "succeeded", None, task_id, credits_, tuple(paths)))

    def _account_codes(self, operation: str) -> set[int]:
        """Return the codes of an operation that concern the account and not a row."""
        contract = self._session.contract
        replies = contract.canned_replies | contract.operations[operation].canned_replies
        return {replies[name].code for name in ("unaffordable", "unauthorized") if name in replies}

    def _folder(self, attempt: Attempt) -> Path:
        return self._results.folder / file_stem(attempt.row.key)

    def _saved(self, attempt: Attempt, task_id: str) -> tuple[Path, ...]:
        """Return the results that an earlier run saved and did not record; empty if one is missing.

        The journal may not know either that the task is done.
        """
        folder = self._folder(attempt)
        try:
            record = json.loads((folder / f"{file_stem(task_id)}.json").read_bytes())
            paths = tuple(folder / picture["path"] for picture in record["pictures"])
            is_complete = record["task"]["id"] == task_id and not record["missing"]
        except (OSError, ValueError, KeyError, TypeError):
            return ()
        if not is_complete or not all(path.is_file() for path in paths):
            return ()
        journal = self._session.journal
        if journal:
            journal.mark_done(self._session.server, task_id)
        return paths

    def _end(
        self,
        attempt: Attempt,
        status: Status,
        error: PackageError | None,
        task_id: str | None = None,
        credits_: float | None = None,
        paths: tuple[Path, ...] = (),
        *,
        reason: str = "",
    ) -> Flow[Outcome]:
        """Count and record the end of a row."""
        outcome = Outcome(
            attempt.row.key,
            status,
            attempt.row.line,
            attempt.row.model.name,
            attempt.idempotency_key,
            task_id,
            paths,
            credits_,
            reason or (self._session.parser.redact(str(error)) if error else ""),
            type(error).__name__ if error else "",
            attempt.request,
            self._session.clock.unix(),
        )
        try:
            yield RunBlocking(partial(self._results.add, outcome))
        except DownloadError as full:
            self.state.stop("results", str(full))
        self.state.end(outcome)
        return outcome


def _is_full(error: BaseException) -> bool:
    """Whether the disk takes no more files."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, OSError):
        cause = cause.__cause__
    return isinstance(cause, OSError) and cause.errno in (ENOSPC, EDQUOT, EROFS)


def _unless_left(flow: Flow[T], state: RowState) -> Flow[T]:
    """Perform a flow. Once the caller has left, its next wait or request raises `CallTimeoutError` in it."""
    waits = Sleep | SendRequest | Gather | WaitForWakeup
    generator: Generator[Effect, Any, T] = flow
    try:
        effect = next(generator)
        while True:
            try:
                if state.is_left and isinstance(effect, waits):
                    raise CallTimeoutError("the batch was left")
                outcome = yield effect
            except BaseException as error:
                effect = generator.throw(error)
            else:
                effect = generator.send(outcome)
    except StopIteration as stop:
        result: T = stop.value
        return result
