"""Turns a documentation page into facts."""
