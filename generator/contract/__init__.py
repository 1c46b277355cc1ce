"""The contract: loads the spec, checks it and lowers it to one model."""
