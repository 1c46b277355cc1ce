"""CPU of `generate`, against openapi-python-client alone on the same spec, from one model to a thousand."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import table
from benchmarks.synthetic import synthetic
from benchmarks.untouched import generate as generate_untouched

SIZES = {1: 7, 10: 5, 100: 3, 1000: 1}  # models in the spec → rounds


def _children(work: Callable[[], object]) -> float:
    """CPU seconds of the processes that `work` starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ours(spec: Path, output: Path) -> None:
    output.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "generator", "generate", "--spec", str(spec), "--out", str(output)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 # our own arguments


def _pair(spec: Path, output: Path) -> tuple[float, float]:
    return (
        _children(lambda: _ours(spec, output / "ours")),
        _children(lambda: generate_untouched(spec / "openapi.yaml", output / "other")),
    )


def main() -> None:
    """Print both times, their ratio, and the time for one model more."""
    rows = []
    last = (0, 0.0)
    for models, rounds in SIZES.items():
        with TemporaryDirectory() as directory:
            spec = synthetic(models, Path(directory) / "spec")
            pairs = [_pair(spec, Path(directory) / str(turn)) for turn in range(rounds)]
        ours = statistics.median(pair[0] for pair in pairs)
        other = statistics.median(pair[1] for pair in pairs)
        ratio = statistics.median(a / b for a, b in pairs)
        slope = 1e3 * (ours - last[1]) / (models - last[0])
        rows.append(
            (models, f"{ours:.2f}", f"{other:.2f}", f"{ratio:.2f}", f"{slope:.1f}" if last[0] else "")
        )
        last = models, ours
    head = ("models", "ours s", "openapi-python-client s", "ratio", "ms a further model")
    table("CPU of generating a package", head, rows)


if __name__ == "__main__":
    main()
