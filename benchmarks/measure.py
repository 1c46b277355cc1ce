"""How things are measured and printed here."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kie_ideogram import _contract
from kie_ideogram._runtime.contract.model import RateLimit


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all its threads, for `work`."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each contestant, round by round, so that a busy moment of the machine hits all.

    The order turns each round; the first round warms up and is not counted.
    """
    names = list(contestants)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seconds = cpu(contestants[name])
            if turn:
                taken[name].append(seconds)
    return taken


def ratio(taken: dict[str, list[float]], name: str, base: str) -> float:
    """Median of the round-by-round ratios of two contestants."""
    return statistics.median(a / b for a, b in zip(taken[name], taken[base], strict=True))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns."""
    lines = [list(map(str, head)), *(list(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print(f"\n{title}")  # noqa: T201 # printing is what a benchmark is for
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))  # noqa: T201 # a benchmark prints


@contextmanager
def limits(*raised: RateLimit) -> Iterator[None]:
    """Let clients made in this block keep these limits instead of the declared ones, by the same code."""
    declared = _contract.CONTRACT
    _contract.CONTRACT = declared._replace(rate_limits=raised)
    try:
        yield
    finally:
        _contract.CONTRACT = declared
