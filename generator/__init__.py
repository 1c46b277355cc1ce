"""Generates the package in generated/ from the contract in spec/.

See README.md in this folder.
"""
