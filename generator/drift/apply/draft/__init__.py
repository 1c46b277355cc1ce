"""Drafts the entry of a model from its page."""
