"""The sandbox service over HTTP."""
