"""Grades changes between two contracts by their effect on users' code."""
