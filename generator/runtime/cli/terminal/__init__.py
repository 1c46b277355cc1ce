"""What a command writes, and where."""
