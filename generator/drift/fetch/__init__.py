"""Reads a documentation page from a file or over HTTPS."""
