"""What a client reports: spans, the log, and calls of the caller's functions."""
