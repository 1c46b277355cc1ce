"""A task from its submission to its saved result."""
