"""Compare the CPU of `generate` with openapi-python-client alone, for 1 to 1,000 models."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import judged, table
from benchmarks.stock_client import generate as generate_stock
from benchmarks.synthetic import synthetic

SIZES = {1: 7, 10: 5, 100: 3, 1000: 1}  # models that are added, and one → rounds
AIM = 1.2
AIMS_S = {100: 3.0}
AIM_OF_CHECK, CHECKS = 0.5, 5


def _child_cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the processes that `work` starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ours(spec: Path, output: Path) -> None:
    output.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "generator", "generate", "--spec", str(spec), "--out", str(output)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 # the arguments are constant


def _pair(spec: Path, output: Path) -> tuple[float, float]:
    return (
        _child_cpu(lambda: _ours(spec, output / "ours")),
        _child_cpu(lambda: generate_stock(spec / "openapi.yaml", output / "other")),
    )


def main() -> None:
    """Print both times, their ratio, and the additional time per model."""
    rows = []
    last = (0, 0.0)
    for models, rounds in SIZES.items():
        with TemporaryDirectory() as directory:
            spec = synthetic(models, Path(directory) / "spec")
            pairs = [_pair(spec, Path(directory) / str(round_)) for round_ in range(rounds)]
        ours = statistics.median(pair[0] for pair in pairs)
        other = statistics.median(pair[1] for pair in pairs)
        ratio = statistics.median(a / b for a, b in pairs)
        slope = 1e3 * (ours - last[1]) / (models - last[0])
        rows.append(
            (
                models,
                f"{ours:.2f}",
                f"{other:.2f}",
                f"{ratio:.2f}",
                judged(ratio, AIM),
                f"{slope:.1f}" if last[0] else "",
                judged(ours, AIMS_S[models]) if models in AIMS_S else "",
            )
        )
        last = models, ours
    head = ("models", "ours s", "openapi-python-client s", "ratio", "aim", "ms per added model", "aim, s")
    table("CPU of generating a package", head, rows)
    command = [sys.executable, "-m", "generator", "check", "--quiet"]
    checks = [
        _child_cpu(lambda: subprocess.run(command, check=True))  # noqa: S603 # the arguments are constant
        for _ in range(CHECKS)
    ]
    found = statistics.median(checks)
    table(
        "CPU of `check` with an unchanged spec", ("s", "aim"), [(f"{found:.2f}", judged(found, AIM_OF_CHECK))]
    )


if __name__ == "__main__":
    main()
