"""Polling: which task is read when, and by which waiter."""
