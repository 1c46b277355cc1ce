"""Batches: many paid tasks from one file, resumed by key, within one budget."""
