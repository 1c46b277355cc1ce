"""Recordings: exchanges with the service as HAR files, read strictly and checked against the spec."""
