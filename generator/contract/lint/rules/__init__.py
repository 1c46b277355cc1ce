"""The lint rules, one module per part of the spec."""
