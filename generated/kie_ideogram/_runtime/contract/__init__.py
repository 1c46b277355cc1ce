"""The contract as data, and the checks that read it."""
