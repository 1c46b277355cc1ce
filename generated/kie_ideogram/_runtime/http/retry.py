"""Computes how long to wait before a retry."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..contract.model import Retry


def backoff(policy: Retry, attempt: int, *, refused: bool, random: Callable[[], float]) -> float:
    """Return the seconds before attempt `attempt + 1` (the first is 0): capped exponential, full jitter.

    After a refusal for too many requests (`refused`), `refused_base` is added: an immediate retry would be
    refused too.
    """
    base = policy.refused_base if refused else policy.base
    delay = random() * min(policy.cap, base * 2.0**attempt)
    return base + delay if refused else delay


def retry_after(header: str | None, now: float, cap: float) -> float | None:
    """Return the seconds that a `Retry-After` header requests, at most `cap`; None if it is invalid.

    `now` is Unix time, for the date form of the header.
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
