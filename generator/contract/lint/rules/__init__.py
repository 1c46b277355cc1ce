"""The lint rules: one module and `check_…` function for each part of the spec."""
