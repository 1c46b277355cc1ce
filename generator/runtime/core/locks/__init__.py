"""Locks that survive forks and Ctrl-C."""
