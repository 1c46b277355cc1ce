"""Requests and responses: one session per client."""
