"""The command line of the package: one module for each command, `program.py` to run them.

The rendered `__main__` hands each command what it needs of the contract.
"""
