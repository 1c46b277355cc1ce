# Generated from spec/ by `make generate`. Do not edit.
"""A local service that answers as the contract says. Needs the extra `sandbox`."""
