"""The one account of the sandbox: its keys, its money, and how often it may call."""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import NamedTuple

from ...contract.model import RateLimit
from .replies import RefusedError


class LedgerEntry(NamedTuple):
    """Credits that a task moved."""

    task_id: str
    credits: float


class Account:
    """Credits are taken at the create call and given back when the task fails."""

    def __init__(self, keys: Iterable[str], balance: float, limits: Iterable[RateLimit]) -> None:
        self.keys = frozenset(keys)
        self.balance = balance
        self.charges: list[LedgerEntry] = []
        self.refunds: list[LedgerEntry] = []
        self._limits = tuple(limits)
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admit(self, operation: str, key: str, now: float) -> None:
        """Count a call. Raises `RefusedError` for a bad key and over a rate limit; then it does not count."""
        if key not in self.keys:
            raise RefusedError("unauthorized")
        windows = []
        for limit in self._limits:
            if operation in limit.operations:
                calls = self._calls[limit.name, key if limit.scope == "key" else ""]
                while calls and calls[0] <= now - limit.window:
                    calls.popleft()
                if len(calls) >= limit.limit:
                    raise RefusedError("too-many")
                windows.append(calls)
        for calls in windows:
            calls.append(now)

    def charge(self, task_id: str, cost: float) -> None:
        """Take a task's price. Raises `RefusedError` when the balance is too small."""
        if cost > self.balance:
            raise RefusedError("unaffordable")
        self.balance -= cost
        self.charges.append(LedgerEntry(task_id, cost))

    def refund(self, task_id: str, cost: float) -> None:
        """Give a failed task's price back."""
        self.balance += cost
        self.refunds.append(LedgerEntry(task_id, cost))
