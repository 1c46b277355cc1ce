"""Renders the package from the `Contract`, and writes it to disk."""
