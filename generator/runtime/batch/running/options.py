"""What a caller asks of a batch, checked."""

from __future__ import annotations

import re
from math import ceil, inf
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ...contract.describe import describe
from ...contract.pricing import unit
from ...core.errors import Fault, InvalidInputError
from ...journal.budget import fits
from ..output.outcome import Retry

if TYPE_CHECKING:
    from ...contract.model import Contract
    from ...http.session import Session
    from ..plan import Plan


class BatchOptions(NamedTuple):
    """The limits of one run."""

    max_credits: float | None = None
    """The most that the batch may cost in all its runs, credits."""
    limit: int | None = None
    """How many rows are run at most."""
    max_failures: float | None = None
    """How many rows may fail; more of them stop the run."""


def check_options(
    contract: Contract,
    rows: int,
    max_cost: float | None,
    limit: int | None,
    max_failures: int | str | None,
    retry: str | None,
) -> BatchOptions:
    """Return the options of a run of some rows. Raises `InvalidInputError`."""
    each, currency = unit(contract.credit_price)
    faults: list[Fault] = []
    if max_cost is not None and not _is_number(max_cost, 0):
        faults.append(Fault("max_cost", "type", f"must be an amount in {currency}, got {describe(max_cost)}"))
    if limit is not None and not (_is_number(limit, 1) and int(limit) == limit):
        faults.append(Fault("limit", "type", f"must be a number of rows, at least 1, got {describe(limit)}"))
    failures = None if max_failures is None else _failures(max_failures, rows)
    if failures == inf:
        message = f"must be a number of rows or a share such as '5%', got {describe(max_failures)}"
        faults.append(Fault("max_failures", "type", message))
    if retry not in (None, *get_args(Retry)):
        faults.append(Fault("retry", "enum", f"must be 'failed' or 'lost', got {describe(retry)}"))
    if faults:
        raise InvalidInputError(faults)
    return BatchOptions(None if max_cost is None else max_cost / each, limit, failures)


def check_budget(session: Session, plan: Plan, options: BatchOptions) -> None:
    """Raise for a budget that cannot be checked, and for one that no row fits in."""
    if options.max_credits is None or not plan.left:
        return
    each, currency = unit(session.contract.credit_price)
    for attempt in plan.left:
        if attempt.row.credits is None:
            message = f"no price is declared for {attempt.row.model.name}, so no budget can be checked"
            raise InvalidInputError([Fault("max_cost", "price", message)])
    cheapest = min(plan.left, key=lambda attempt: attempt.row.credits or 0.0).row
    if cheapest.credits and not fits(0.0, cheapest.credits, options.max_credits):
        message = (
            f"{currency} {options.max_credits * each:g} is less than one row: the cheapest, "
            f"{plan.table.place(cheapest.line)}, costs {cheapest.credits:g} credits ({currency} "
            f"{cheapest.credits * each:g})"
        )
        raise InvalidInputError([Fault("max_cost", "budget", message)])


def _failures(given: int | str, rows: int) -> float:
    """Return how many rows may fail; infinite if that cannot be read."""
    if _is_number(given, 0):
        return float(given)
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", given) if isinstance(given, str) else None
    if not found:
        return inf
    number = float(found[1])
    if not found[2]:
        return number
    return float(ceil(rows * number / 100)) if number <= 100 else inf


def _is_number(value: Any, least: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value < inf
