"""The recorded page and the accepted differences, as files in `spec/`."""
