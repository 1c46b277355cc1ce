"""Measure CPU time and print tables."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kie_ideogram import _contract
from kie_ideogram._runtime.contract.model import RateLimit


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that all threads of this process spend on `work`."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of each candidate in each round.

    The candidates take turns, so that a busy moment of the machine affects all of them. Each round starts
    with another candidate. The first round is a warm-up and is not counted.
    """
    names = list(candidates)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for round_ in range(rounds + 1):
        for name in names[round_ % len(names) :] + names[: round_ % len(names)]:
            spent = cpu(candidates[name])
            if round_:
                seconds[name].append(spent)
    return seconds


def ratio(seconds: dict[str, list[float]], name: str, base: str) -> float:
    """Return the median ratio of two candidates, computed per round."""
    return statistics.median(a / b for a, b in zip(seconds[name], seconds[base], strict=True))


def judged(figure: float, most: float) -> str:
    """Return an aim, and by how much a figure misses it."""
    missed = f", missed by {figure / most - 1:.0%}" if figure > most else ""
    return f"at most {most:,g}{missed}"


def judged_least(figure: float, least: float) -> str:
    """Return an aim that is a lower limit of a share, and by how much a figure misses it."""
    missed = f", missed by {1 - figure / least:.0%}" if figure < least else ""
    return f"at least {least:.0%}{missed}"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns."""
    lines = [list(map(str, head)), *(list(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print(f"\n{title}")  # noqa: T201 # a benchmark prints its result
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))  # noqa: T201 # a benchmark prints its result


@contextmanager
def limits(*raised: RateLimit) -> Iterator[None]:
    """Replace the declared rate limits for clients created in this block."""
    declared = _contract.CONTRACT
    _contract.CONTRACT = declared._replace(rate_limits=raised)
    try:
        yield
    finally:
        _contract.CONTRACT = declared
