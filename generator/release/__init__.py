"""Grades what changed between two contracts by its effect on code that uses the package."""
