"""Recordings: exchanges with the service as files, read strictly and held to the spec."""
