"""Compare the CPU and memory of importing the package with importing httpx."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import table
from benchmarks.synthetic import synthetic
from generator.contract.source import read_spec
from generator.emit.package import package
from generator.emit.write import write

ROUNDS = 11
MODELS = 100

PROBE = """
import json, pathlib, time
start = time.process_time()
{statement}
spent = time.process_time() - start
pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
print(json.dumps([spent, pages * 4]))
"""


def _probe(statement: str, path: Path) -> tuple[float, float]:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", PROBE.format(statement=statement)]
    run = subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603 # the code is constant
    seconds, kilobytes = json.loads(run.stdout)
    return seconds * 1e3, kilobytes / 1024


def main() -> None:
    """Print milliseconds and MiB of each import, and the excess over httpx."""
    with TemporaryDirectory() as directory:
        packages = {}
        for models in (1, MODELS):
            root = Path(directory) / str(models)
            source = read_spec(synthetic(models, root / "spec"))
            write(package(source.contract, source.openapi, source.arazzo), root / "package")
            packages[models] = root / "package"
        # An httpx client needs time for itself, mainly the TLS setup, so it is measured for comparison.
        client = "import httpx; httpx.Client(verify=False)"
        statements = {("import httpx", 1): "import httpx", (client, 1): client}
        for models in packages:
            for statement in (
                "import kie_ideogram",
                "from kie_ideogram import Kie",
                "from kie_ideogram import AsyncKie",
            ):
                statements[statement, models] = statement
        measured: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in statements}
        for round_ in range(ROUNDS + 1):
            for (name, models), statement in statements.items():
                result = _probe(statement, packages[models])
                if round_:  # the first round writes the bytecode
                    measured[name, models].append(result)
    base = measured["import httpx", 1]
    rows = [
        (
            name,
            models,
            f"{statistics.median(ms for ms, _ in results):.1f}",
            f"{statistics.median(a[0] - b[0] for a, b in zip(results, base, strict=True)):+.1f}",
            f"{min(ms for ms, _ in results) - min(ms for ms, _ in base):+.1f}",
            f"{statistics.median(a[1] - b[1] for a, b in zip(results, base, strict=True)):+.1f}",
        )
        for (name, models), results in measured.items()
    ]
    # A busy machine only adds CPU time, so the fastest runs are the most accurate on such a machine.
    head = ("statement", "models", "ms", "ms over httpx", "fastest runs", "MiB over httpx")
    table("CPU and memory of an import", head, rows)


if __name__ == "__main__":
    main()
