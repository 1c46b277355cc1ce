"""Reads, checks, compares and makes recordings of exchanges with the service."""
