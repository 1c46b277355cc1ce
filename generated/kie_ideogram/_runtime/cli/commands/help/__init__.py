"""The commands that print what the contract says, without a network."""
