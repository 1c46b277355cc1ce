"""The budgets of a server: for its session, and for each day together with all servers of the journal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple
from uuid import uuid4

from ...contract.pricing import in_money, unit
from ...core.clock import Clock
from ...core.errors import ConfigurationError, JournalError
from ...core.reporting import telemetry
from ...journal import queries
from ...journal.budget import MILLION, BudgetReachedError, millionths, release, reserve, settle, spent
from ...journal.journal import Journal
from ...journal.submission import NOT_CHARGED

# Credits. A task that costs more by its record counts as this much. The integers of SQLite end at 9e12.
_MOST = 1e9


class Limits(NamedTuple):
    """How much may be spent, in the currency of the price list; in credits without one. None: unlimited."""

    session: float | None = None
    day: float | None = None


def amount(credits_: float, credit_price: tuple[float, str] | None) -> dict[str, Any]:
    """Return what an answer says about an amount: the credits, and the same with their price as a text."""
    return {"credits": credits_, "text": in_money(credits_, credit_price)}


class Spending:
    """What this server's session has spent, and what it may still spend. Raises `ConfigurationError`."""

    def __init__(
        self,
        journal: Journal,
        server: str,
        limits: Limits,
        credit_price: tuple[float, str] | None,
        clock: Clock,
    ) -> None:
        _, currency = unit(credit_price)
        for name, limit in (("max_cost", limits.session), ("max_cost_per_day", limits.day)):
            if limit is not None and not (isfinite(limit) and limit >= 0):
                raise ConfigurationError(f"{name}: must be an amount in {currency}, at least 0, got {limit}")
        self._journal = journal
        self._server = server
        self._limits = limits
        self._credit_price = credit_price
        self._clock = clock
        self._session = uuid4().hex

    def reserve(self, idempotency_key: str, credits_: float | None) -> None:
        """Reserve the price of a submission in each budget. Raises `BudgetReachedError`, `JournalError`."""
        budgets = self._budgets()
        if not budgets:
            raise BudgetReachedError(
                "this server has no budget, so it pays for nothing; a person must start it again with "
                "--max-cost or --max-cost-per-day"
            )
        if credits_ is None:
            raise BudgetReachedError(
                "the price is not declared, so no budget can cover it; a person must submit it without this "
                "server"
            )
        with self._journal.database.transaction() as db:
            if reserve(db, budgets, self._name(idempotency_key), millionths(credits_)):
                return
        left = ", ".join(f"{name}: {amount['text']} left" for name, amount in self.left().items())
        raise BudgetReachedError(
            f"the budget is reached: this costs {in_money(credits_, self._credit_price)} ({left}). Ask a "
            "person: a new session or the next day (UTC) has a new budget, and --max-cost and "
            "--max-cost-per-day set them"
        )

    def left(self) -> dict[str, dict[str, Any]]:
        """Return what is left of each budget, `credits` and `text`. Raises `JournalError`."""
        with self._journal.database.transaction() as db:
            return {
                name.split()[1]: amount(max(0, limit - spent(db, name)) / MILLION, self._credit_price)
                for name, limit in self._budgets().items()
            }

    def end(self, idempotency_key: str) -> None:
        """Release what was reserved if this process sent nothing that may be charged. Never fails.

        What another process sent for the same key is reserved by that process.
        """
        try:
            own = self._journal.process.name
            with self._journal.database.transaction() as db:
                found = queries.find(db, self._server, "idempotency_key", idempotency_key)
                if found is None or found.process != own or found.state in NOT_CHARGED:
                    release(db, self._name(idempotency_key))
        except JournalError as error:
            telemetry.logger.error(
                "submission %s: its price stays reserved, because the journal cannot be written: %s",
                idempotency_key,
                error,
            )

    def settle(self, task_id: str, credits_: float) -> None:
        """Count what a task of this session has really cost. Raises `JournalError`."""
        credits_ = min(max(credits_, 0), _MOST)
        with self._journal.database.transaction() as db:
            found = queries.find(db, self._server, "task_id", task_id)
            if found:
                settle(db, self._name(found.idempotency_key), millionths(credits_))

    def _budgets(self) -> Mapping[str, int]:
        day = datetime.fromtimestamp(self._clock.unix(), UTC).date()
        limits = {
            f"mcp session {self._session}": self._limits.session,
            f"mcp day {day} {self._server}": self._limits.day,
        }
        each, _ = unit(self._credit_price)
        return {name: millionths(limit / each) for name, limit in limits.items() if limit is not None}

    def _name(self, idempotency_key: str) -> str:
        # One reservation for each process: each releases what it did not send.
        return f"{self._server} {idempotency_key} {self._session}"
