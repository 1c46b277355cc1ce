"""The only account of the sandbox: its keys, its credits, and how often it may call."""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import NamedTuple

from ...contract.model import RateLimit
from .replies import RefusedError


class LedgerEntry(NamedTuple):
    """Credits that were charged or refunded for a task."""

    task_id: str
    credits: float


class Account:
    """Charges a submission when it is accepted, and refunds it when its task fails."""

    def __init__(self, keys: Iterable[str], balance: float, limits: Iterable[RateLimit]) -> None:
        self.keys = frozenset(keys)
        self.balance = balance
        self.charges: list[LedgerEntry] = []
        self.refunds: list[LedgerEntry] = []
        self._limits = tuple(limits)
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admit(self, operation: str, key: str, now: float) -> None:
        """Count a call. Raises `RefusedError` for a wrong key or over a rate limit, and does not count it."""
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
        """Charge the price of a task. Raises `RefusedError` if the balance is too small."""
        if cost > self.balance:
            raise RefusedError("unaffordable")
        self.balance -= cost
        self.charges.append(LedgerEntry(task_id, cost))

    def refund(self, task_id: str, cost: float) -> None:
        """Refund the price of a task that failed."""
        self.balance += cost
        self.refunds.append(LedgerEntry(task_id, cost))
