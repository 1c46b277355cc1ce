"""The rows of a batch: read from a file or from the caller, checked, compared with earlier results."""
