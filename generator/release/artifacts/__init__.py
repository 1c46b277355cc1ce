"""What a release consists of: `python -m generator.release.artifacts`."""
