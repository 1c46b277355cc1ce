"""The accounts that a worker submits with: which of them takes the next row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...batch.running.run import WORKERS
from ...contract.describe import describe
from ...core.errors import ConfigurationError
from ...core.text.secret import Secret
from ...journal.budget import fits

if TYPE_CHECKING:
    from ...batch.running.uploads import SharedUploads
    from ...http.session import Session
    from ...tasks.context import AsyncContext
    from ..storage.rows import StoredRow


class Account(NamedTuple):
    """An account of the service.

    Attributes:
        name: Its name, for messages.
        api_key: One API key of it. Two keys of one account would exceed its rate limit.
        max_cost: The most that it may spend on one batch, in the currency of the price list.
    """

    name: str
    api_key: str
    max_cost: float | None = None

    def __repr__(self) -> str:
        return f"Account({self.name!r}, max_cost={self.max_cost})"


def check_accounts(given: Mapping[str, str] | Iterable[Account] | str) -> list[Account]:
    """Return the accounts that a caller gave: an API key, keys by name, or accounts.

    Raises `ConfigurationError`.
    """
    if isinstance(given, str):
        given = [Account("default", given)]
    by_name: Any = given
    if isinstance(given, Mapping):
        by_name = [Account(name, api_key) for name, api_key in by_name.items()]
    accounts = list[Any](by_name)
    for one in accounts:
        if not isinstance(one, Account):
            raise ConfigurationError(f"accounts: must be API keys by name, or accounts, got {describe(one)}")
        if not isinstance(one.api_key, str) or not one.api_key.strip():
            raise ConfigurationError(f"accounts: {one.name} has no API key")
        cost = one.max_cost
        if cost is not None and not (isinstance(cost, int | float) and 0 <= cost < float("inf")):
            raise ConfigurationError(
                f"accounts: the max_cost of {one.name} must be an amount, got {describe(cost)}"
            )
    for attribute in ("name", "api_key"):
        values = [getattr(one, attribute) for one in accounts]
        if len(set(values)) < len(values):
            what = "the same name" if attribute == "name" else "the same API key"
            raise ConfigurationError(f"accounts: two of them have {what}")
    return accounts


class WorkingAccount:
    """An account while a worker runs."""

    def __init__(
        self,
        name: str,
        digest: str,
        max_credits: float | None,
        context: AsyncContext[Any],
        uploads: SharedUploads,
    ) -> None:
        self.name = name
        self.digest = digest
        """What submissions have as their account."""
        self.max_credits = max_credits
        self.context = context
        self.uploads = uploads
        self.submitting = 0
        """How many rows are being submitted."""

    @property
    def session(self) -> Session:
        """The session of its client."""
        return self.context.session

    def can_pay(self, row: StoredRow, spending: Mapping[str, float]) -> bool:
        """Whether the price of a row fits in what the account may still spend on its batch."""
        if self.max_credits is None:
            return True
        return fits(spending.get(self.digest, 0.0), row.credits or 0.0, self.max_credits)

    def time_until_turn(self, model: str) -> float:
        """Return in how many seconds this process may submit the next row of a model with the account."""
        session = self.session
        return session.rate_limiter.time_until_next(session.contract.models[model].operation)


class AccountPicker:
    """Picks for each row the account that is free first. For one event loop."""

    def __init__(self, accounts: list[WorkingAccount], is_ending: Callable[[], bool]) -> None:
        self.accounts = accounts
        self._is_ending = is_ending
        self._waiting: list[asyncio.Future[None]] = []

    async def take(self, candidates: list[WorkingAccount], model: str) -> WorkingAccount | None:
        """Wait for the account with the earliest free turn; None if the worker ends.

        Call `give_back` later.
        """
        while not self._is_ending():
            free = [one for one in candidates if one.submitting < WORKERS]
            if free:
                account = min(free, key=lambda one: one.time_until_turn(model))
                account.submitting += 1
                return account
            change = asyncio.get_running_loop().create_future()
            self._waiting.append(change)
            await change
        return None

    def give_back(self, account: WorkingAccount) -> None:
        """End the submission of a row."""
        account.submitting -= 1
        self.wake()

    def wake(self) -> None:
        """Let the rows that wait look again."""
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            if not change.done():
                change.set_result(None)

    def wants_more(self) -> bool:
        """Whether the worker takes more rows from the queue: others may have a free turn for them."""
        return len(self._waiting) < WORKERS * len(self.accounts)


def secret_of(account: Account) -> Secret:
    """Return the API key of an account, which no message shows."""
    return Secret(account.api_key)
