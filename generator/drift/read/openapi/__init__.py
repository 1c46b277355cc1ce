"""Reads the OpenAPI block embedded in a page."""
