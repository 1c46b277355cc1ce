"""The command line: one module per command, and what the commands share.

The rendered `__main__` passes in its package. Options that are fields of the API come from the
contract (`options/fields.py`), so a new field is a new option.
"""
