"""Reads the nodes of a document for the rules: positions, references, values, shapes."""
