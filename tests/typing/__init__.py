"""Type checks that need a run of mypy or pyright: `python -m tests.typing`, part of `make types`."""
