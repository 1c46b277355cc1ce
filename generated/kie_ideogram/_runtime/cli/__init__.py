"""The command line: one module for each command, `program.py` to run them, `docs/cli.md` to read.

The rendered `__main__` hands it the package. Options that are fields of the API come from the
contract (`fields.py`), so a new field is a new option.
"""
