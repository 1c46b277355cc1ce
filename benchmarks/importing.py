"""Compare the CPU and memory of importing the package, and of its commands, with importing httpx."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import judged, table
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


GENERATED = Path(__file__).parent.parent / "generated"

COMMAND = """
import io, sys
sys.argv[1:], sys.stdout = {arguments!r}, io.StringIO()
from kie_ideogram.__main__ import main
try:
    main()
except SystemExit:
    pass
sys.stdout = sys.__stdout__
"""

# The words of a command → its CPU time at most, in that of `import httpx`.
COMMANDS = {
    ("--version",): 0.4,
    ("--help",): 1.3,
    ("edit", "--help"): 1.3,
    ("batch", "run", "--help"): 1.3,
    ("mcp", "--help"): 1.3,
    ("unknown", "--journal"): 1.5,
}


def _probe(statement: str, path: Path) -> tuple[float, float]:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", PROBE.format(statement=statement)]
    run = subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603 # the code is constant
    seconds, kilobytes = json.loads(run.stdout)
    return seconds * 1e3, kilobytes / 1024


def _commands() -> None:
    """Print the CPU of commands that send nothing."""
    with TemporaryDirectory() as directory:
        journal = str(Path(directory) / "journal.db")
        statements = {"import httpx": "import httpx"}
        for words in COMMANDS:
            arguments = [*words, *([journal] if words[-1] == "--journal" else [])]
            statements[" ".join(words)] = COMMAND.format(arguments=arguments)
        measured: dict[str, list[float]] = {name: [] for name in statements}
        for round_ in range(ROUNDS + 1):
            for name, statement in statements.items():
                spent, _ = _probe(statement, GENERATED)
                if round_:
                    measured[name].append(spent)
    rows = []
    for words, most in COMMANDS.items():
        own = measured[" ".join(words)]
        pairs = zip(own, measured["import httpx"], strict=True)
        found = statistics.median(a / b for a, b in pairs)
        rows.append((" ".join(words), f"{statistics.median(own):.1f}", f"{found:.2f}", judged(found, most)))
    table("CPU of a command, compared with `import httpx`", ("command", "ms", "ratio", "aim"), rows)


def main() -> None:
    """Print milliseconds and MiB of each import and each command, and the excess over httpx."""
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
    _commands()


if __name__ == "__main__":
    main()
