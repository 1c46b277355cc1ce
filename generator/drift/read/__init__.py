"""Reads a documentation page into facts."""
