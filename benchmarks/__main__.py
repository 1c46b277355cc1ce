"""Runs every benchmark: `python -m benchmarks [NAME …]`, names as the modules'."""

import os
import sys
import warnings
from importlib import import_module

BENCHMARKS = ("importing", "calls", "waiting", "generation", "facts")

if __name__ == "__main__":
    # The untouched client that we compare with warns about its own models.
    warnings.simplefilter("ignore")
    # Installed packages have bytecode, so the packages that are measured here are to have theirs.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"error: no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
        import_module(f"benchmarks.{name}").main()
