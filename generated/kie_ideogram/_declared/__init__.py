# Generated from spec/ by `make generate`. Do not edit.
"""What each model accepts and costs, as data: one module for each model. Help reads it without the client."""
