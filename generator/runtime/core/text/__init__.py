"""Text that a terminal, a log or an error report may show."""
