# Generated from spec/ by `make generate`. Do not edit.
"""What the clients' attributes are: one module for each model and each tag of the API."""
