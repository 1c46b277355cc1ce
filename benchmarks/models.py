"""Compare a package with one model, with the real models, and with 100: what each costs in use."""

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import table
from benchmarks.synthetic import synthetic

ROOT = Path(__file__).parent.parent
SIZES = (1, 7, 100)
ROUNDS = 5

PROBE = """
import json, time
start = time.process_time()
from kie_ideogram import Kie
imported = time.process_time()
Kie("key").close()
print(json.dumps([imported - start, time.process_time() - imported]))
"""


def _run(*command: str, path: Path) -> tuple[float, str]:
    """Run a command with a package on its path; return its CPU seconds and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {
        **os.environ,
        "PYTHONPATH": str(path),
        "MYPYPATH": str(path),
        "COLUMNS": "80",
        "PYTHONSAFEPATH": "1",
    }
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603 # the arguments are constant
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def _measured(models: int, folder: Path) -> list[object]:
    spec, package = synthetic(models, folder / "spec"), folder / "package"
    generate = (sys.executable, "-m", "generator", "generate", "--spec", str(spec), "--out")
    seconds = [_run(*generate, str(folder / str(round_)), path=ROOT)[0] for round_ in range(2)]
    (folder / "0").rename(package)
    _run(sys.executable, "-c", PROBE, path=package)  # writes the bytecode
    probes = [json.loads(_run(sys.executable, "-c", PROBE, path=package)[1]) for _ in range(ROUNDS)]
    imported, client = (1e3 * statistics.median(probe[column] for probe in probes) for column in (0, 1))
    program = (sys.executable, "-m", "kie_ideogram")
    helps = [_run(*program, "edit", "--help", path=package) for _ in range(ROUNDS)]
    names = ["character-edit", *(f"synthetic{number}" for number in range(7, models))]
    last = next(name for name in reversed(names) if _is_edit(program, name, package))
    of_model = _run(*program, "edit", "--model", last, "--help", path=package)[1]
    mypy = ("mypy", "--strict", "--config-file=", f"--cache-dir={os.devnull}", "-p", "kie_ideogram")
    types = _run(sys.executable, "-m", *mypy, path=package)[0]
    return [
        models,
        f"{min(seconds):.1f}",
        sum(path.is_file() for path in package.rglob("*.py")),
        f"{imported:.0f}",
        f"{client:.0f}",
        f"{1e3 * statistics.median(cpu for cpu, _ in helps):.0f}",
        len(helps[0][1].splitlines()),
        len(of_model.splitlines()),
        f"{types:.0f}",
    ]


def _is_edit(program: tuple[str, ...], name: str, package: Path) -> bool:
    try:
        _run(*program, "edit", "--model", name, "--help", path=package)
    except subprocess.CalledProcessError:  # a model of the other command
        return False
    return True


def main() -> None:
    """Print the costs of generating, importing, asking for help and checking types."""
    rows = []
    for models in SIZES:
        with TemporaryDirectory() as directory:
            rows.append(_measured(models, Path(directory)))
    head = (
        *("models", "generate CPU s", "modules", "import ms", "Kie() ms"),
        *("edit --help ms", "lines", "lines of a model", "mypy CPU s"),
    )
    table("Packages with many models", head, rows)


if __name__ == "__main__":
    main()
