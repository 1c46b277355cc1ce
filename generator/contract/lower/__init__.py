"""Lowers the two documents to the one `Contract`. They must have passed `lint`."""
