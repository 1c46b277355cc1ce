"""When to send again, and after how long. Pure decisions; nothing here waits."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..contract.model import Retry


def backoff(policy: Retry, attempt: int, *, refused: bool, random: Callable[[], float]) -> float:
    """Seconds before attempt `attempt + 1` (the first is 0): capped exponential, full jitter.

    A refusal for too many requests starts from its own base: coming back at once is what was refused.
    """
    base = policy.refused_base if refused else policy.base
    delay = random() * min(policy.cap, base * 2.0**attempt)
    return base + delay if refused else delay


def retry_after(header: str | None, now: float, cap: float) -> float | None:
    """Seconds that a `Retry-After` header asks for, at most `cap`; None when it asks for nothing.

    `now` is Unix time, for the header's date form.
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        seconds = float(header)
    else:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (TypeError, ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), cap)
