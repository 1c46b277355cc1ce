"""Submissions: body, request, journal, recovery."""
