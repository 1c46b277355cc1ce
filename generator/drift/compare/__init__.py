"""Compares the facts of a page with the contract and grades each difference."""
