"""The options of the commands, and what a shell offers for them."""
