"""The lint rules: one module for each part of the spec, with one `check_…` function."""
