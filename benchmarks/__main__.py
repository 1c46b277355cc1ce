"""Run all benchmarks, or the named modules: `python -m benchmarks [NAME …]`."""

import os
import sys
import warnings
from importlib import import_module

BENCHMARKS = ("importing", "journal", "calls", "waiting", "batch", "generation", "models", "facts")

if __name__ == "__main__":
    # The stock client that ours is compared with raises warnings about its own models.
    warnings.simplefilter("ignore")
    # Installed packages have cached bytecode, so the measured packages need it for a fair comparison.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"error: {name!r} is not one of {', '.join(BENCHMARKS)}")
        import_module(f"benchmarks.{name}").main()
