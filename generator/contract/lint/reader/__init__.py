"""Reads documents for the rules: places, references, expressions, values, shapes."""
