"""The commands that read or settle the journal."""
