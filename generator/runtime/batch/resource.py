"""`batch` of the clients."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..contract.wrong_arguments import explain_wrong_arguments
from ..core.effects import Flow, RunBlocking
from ..core.errors import ConfigurationError, DownloadError
from ..journal.budget import Budget
from ..tasks.results.download import check_folder
from .output.failures import given_row, write_failures
from .output.outcome import Outcome, Retry
from .output.results import Results
from .plan import BatchEstimate, Plan, Source, estimate, make_plan
from .running.options import check_budget, check_options
from .running.run import run_batch, run_batch_async
from .running.state import BatchState, BatchStatus
from .running.steps import Steps

if TYPE_CHECKING:
    from ..tasks.context import AsyncContext, SyncContext


class _Prepared(NamedTuple):
    """A batch that was checked and may run."""

    plan: Plan
    steps: Steps[BatchState]
    results: Results


class _Asked(NamedTuple):
    """The arguments of `run`."""

    rows: Source
    save_to: str | os.PathLike[str]
    defaults: Mapping[str, str]
    max_cost: float | None
    limit: int | None
    max_failures: int | str | None
    retry: str | None


def _prepare(context: SyncContext[Any] | AsyncContext[Any], asked: _Asked) -> _Prepared:
    """Check everything that can be checked before anything is sent."""
    session = context.session
    if session.journal is None:
        raise ConfigurationError("a batch needs a journal: pass journal=PATH to the client")
    check_options(session.contract, 0, asked.max_cost, asked.limit, asked.max_failures, asked.retry)
    folder = check_folder(asked.save_to, "save_to").absolute()
    plan = make_plan(session, asked.rows, folder, asked.defaults, retry=asked.retry)
    options = check_options(
        session.contract, len(plan.rows), asked.max_cost, asked.limit, asked.max_failures, asked.retry
    )
    budget = Budget(f"{os.path.realpath(folder)}", options.max_credits)
    check_budget(session, plan, options)
    results, state = Results(folder), BatchState(plan, options)
    steps = Steps(session, context.poller, context.make_task, plan.table, state, results, budget)
    return _Prepared(plan, steps, results)


class _BatchRun:
    """What both kinds of run have in common."""

    def __init__(self, prepared: _Prepared) -> None:
        self._prepared = prepared
        self.folder = prepared.results.folder
        """The folder of the results."""
        self.failures: Path | None = None
        """The file of the rows that failed, once the batch has ended; None if no row failed."""

    def status(self) -> BatchStatus:
        """Return how far the batch is."""
        return self._prepared.steps.state.status()

    def stop(self) -> None:
        """Submit no more rows. Iterate on to finish those that are submitted."""
        self._prepared.steps.state.stop("asked")

    def _write_failures(self) -> None:
        plan = self._prepared.plan
        cells = {one.line: one for one in plan.table.rows}
        try:
            outcomes = self._prepared.results.read()
            failed = {key for key, outcome in outcomes.items() if outcome.status == "failed"}
            rows = [given_row(row, cells[row.line]) for row in plan.rows if row.key in failed]
            self.failures = write_failures(self.folder, plan.table.layout, rows)
        except DownloadError as error:  # no row is lost with it
            self._prepared.steps.state.stop("results", str(error))


class BatchRun(_BatchRun):
    """A batch that runs while you iterate over it. It yields an outcome for each row, as the rows end.

    Leaving the loop early stops submitting. The tasks that run continue, and the next run of the batch
    saves their results.
    """

    def __init__(self, context: SyncContext[Any], prepared: _Prepared) -> None:
        super().__init__(prepared)
        self._outcomes = self._run(context)

    def _run(self, context: SyncContext[Any]) -> Generator[Outcome, None, None]:
        try:
            yield from self._prepared.plan.earlier
            with closing(run_batch(context, self._prepared.steps)) as outcomes:
                yield from outcomes
        finally:
            self._write_failures()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome:
        return next(self._outcomes)

    def close(self) -> None:
        """Leave the batch, as a loop does that ends early."""
        self._outcomes.close()


class AsyncBatchRun(_BatchRun):
    """A batch that runs while you iterate over it. It yields an outcome for each row, as the rows end.

    Leaving the loop early stops submitting. The tasks that run continue, and the next run of the batch
    saves their results.
    """

    def __init__(self, context: AsyncContext[Any], prepared: _Prepared) -> None:
        super().__init__(prepared)
        self._outcomes = self._run(context)

    async def _run(self, context: AsyncContext[Any]) -> AsyncGenerator[Outcome, None]:
        try:
            for outcome in self._prepared.plan.earlier:
                yield outcome
            # A generator that is left early is closed at once, so that what is on its way is awaited.
            async with aclosing(run_batch_async(context, self._prepared.steps)) as outcomes:
                async for outcome in outcomes:
                    yield outcome
        finally:
            self._write_failures()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        return await anext(self._outcomes)

    async def close(self) -> None:
        """Leave the batch, as a loop does that ends early."""
        await self._outcomes.aclose()


def _prepared(context: SyncContext[Any] | AsyncContext[Any], asked: _Asked) -> Flow[_Prepared]:
    prepared: _Prepared = yield RunBlocking(partial(_prepare, context, asked))
    return prepared


def _estimate(
    context: SyncContext[Any] | AsyncContext[Any],
    rows: Source,
    save_to: str | os.PathLike[str] | None,
    defaults: Mapping[str, str] | None,
    limit: int | None,
    retry: str | None,
) -> Flow[BatchEstimate]:
    check_options(context.session.contract, 0, None, limit, None, retry)
    folder = None if save_to is None else Path(save_to).absolute()
    return estimate(context.session, context.poller, rows, folder, defaults or {}, limit, retry=retry)


class Batch:
    """Runs many rows of arguments as one batch: resumed by key, within a budget."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Any]) -> None:
        self._context = context

    @explain_wrong_arguments
    def run(
        self,
        rows: Source,
        *,
        save_to: str | os.PathLike[str],
        defaults: Mapping[str, str] | None = None,
        max_cost: float | None = None,
        limit: int | None = None,
        max_failures: int | str | None = None,
        retry: Retry | None = None,
    ) -> BatchRun:
        """Run a batch, or continue it. Iterate over the result.

        Everything is checked before anything is sent, except the content of pictures, which is checked at
        the turn of each row. A row that succeeded in an earlier run costs nothing. One that failed is run
        again only with `retry`.

        Args:
            rows: A CSV or JSON Lines file, or mappings. Each row has the arguments of the model's `run`, and
                may have a `key`, which identifies it in later runs, and a `model`.
            save_to: Folder for the results. The budget and the earlier results belong to the folder.
            defaults: Values for rows that lack them, as texts.
            max_cost: The most that the batch may cost in all its runs, in the currency of the price list;
                in credits if there is none.
            limit: Run at most this many rows.
            max_failures: Stop submitting after more failures than this, a number of rows or `"5%"`.
            retry: `"failed"` runs failed rows again, `"lost"` those whose results are lost. Each of them is
                charged again.

        Raises:
            ConfigurationError: The client has no journal.
            InvalidInputError: Rows or arguments are invalid; nothing was sent.
            DownloadError: The folder cannot be used.
            JournalError: The journal cannot be used.
        """
        asked = _Asked(rows, save_to, defaults or {}, max_cost, limit, max_failures, retry)
        context = self._context
        return BatchRun(context, context.run(_prepared(context, asked)))

    @explain_wrong_arguments
    def estimate(
        self,
        rows: Source,
        *,
        save_to: str | os.PathLike[str] | None = None,
        defaults: Mapping[str, str] | None = None,
        limit: int | None = None,
        retry: Retry | None = None,
    ) -> BatchEstimate:
        """Check a batch with all its pictures, and return what it would cost. Nothing is sent.

        Args:
            rows: As for `run`.
            save_to: The folder of earlier results, if there are any.
            defaults: As for `run`.
            limit: As for `run`.
            retry: As for `run`.

        Raises:
            InvalidInputError: The file cannot be read. Faults of rows are in the result.
        """
        return self._context.run(_estimate(self._context, rows, save_to, defaults, limit, retry))


class AsyncBatch:
    """Runs many rows of arguments as one batch: resumed by key, within a budget."""

    __slots__ = ("_context",)

    def __init__(self, context: AsyncContext[Any]) -> None:
        self._context = context

    @explain_wrong_arguments
    async def run(
        self,
        rows: Source,
        *,
        save_to: str | os.PathLike[str],
        defaults: Mapping[str, str] | None = None,
        max_cost: float | None = None,
        limit: int | None = None,
        max_failures: int | str | None = None,
        retry: Retry | None = None,
    ) -> AsyncBatchRun:
        """Run a batch, or continue it. Iterate over the result with `async for`.

        Everything is checked before anything is sent, except the content of pictures, which is checked at
        the turn of each row. A row that succeeded in an earlier run costs nothing. One that failed is run
        again only with `retry`.

        Args:
            rows: A CSV or JSON Lines file, or mappings. Each row has the arguments of the model's `run`, and
                may have a `key`, which identifies it in later runs, and a `model`.
            save_to: Folder for the results. The budget and the earlier results belong to the folder.
            defaults: Values for rows that lack them, as texts.
            max_cost: The most that the batch may cost in all its runs, in the currency of the price list;
                in credits if there is none.
            limit: Run at most this many rows.
            max_failures: Stop submitting after more failures than this, a number of rows or `"5%"`.
            retry: `"failed"` runs failed rows again, `"lost"` those whose results are lost. Each of them is
                charged again.

        Raises:
            ConfigurationError: The client has no journal.
            InvalidInputError: Rows or arguments are invalid; nothing was sent.
            DownloadError: The folder cannot be used.
            JournalError: The journal cannot be used.
        """
        asked = _Asked(rows, save_to, defaults or {}, max_cost, limit, max_failures, retry)
        context = self._context
        return AsyncBatchRun(context, await context.run(_prepared(context, asked)))

    @explain_wrong_arguments
    async def estimate(
        self,
        rows: Source,
        *,
        save_to: str | os.PathLike[str] | None = None,
        defaults: Mapping[str, str] | None = None,
        limit: int | None = None,
        retry: Retry | None = None,
    ) -> BatchEstimate:
        """Check a batch with all its pictures, and return what it would cost. Nothing is sent.

        Args:
            rows: As for `run`.
            save_to: The folder of earlier results, if there are any.
            defaults: As for `run`.
            limit: As for `run`.
            retry: As for `run`.

        Raises:
            InvalidInputError: The file cannot be read. Faults of rows are in the result.
        """
        return await self._context.run(_estimate(self._context, rows, save_to, defaults, limit, retry))
