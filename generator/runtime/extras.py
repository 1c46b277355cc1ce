"""Says what to install when a part of the package is used whose libraries are not there."""


def missing_extra(error: ModuleNotFoundError, extra: str) -> ImportError:
    """Make the error that names the missing library and the command that brings it."""
    return ImportError(f"{error.name} is not installed; run: pip install 'kie-ideogram[{extra}]'")
