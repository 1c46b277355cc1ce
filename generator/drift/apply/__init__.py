"""Edits the spec: drafts a new model, reconciles a known one."""
