"""Says what to install when a part of the package is used whose libraries are not there."""


def missing_extra(error: ModuleNotFoundError, extra: str) -> ImportError:
    """Make the error that names the missing library and the command that brings it."""
    library = (error.name or "a library").partition(".")[0]
    return ImportError(f"{library} is not installed; run: pip install 'kie-ideogram[{extra}]'")
