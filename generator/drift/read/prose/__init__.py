"""Reads the prose form of a page: headings, tables, lists and samples."""
