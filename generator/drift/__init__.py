"""Compares a documentation page with the contract, statement by statement.

See README.md.
"""
