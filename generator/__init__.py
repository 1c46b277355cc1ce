"""Turns the contract in spec/ into the package in generated/. README.md beside this file shows the way."""
