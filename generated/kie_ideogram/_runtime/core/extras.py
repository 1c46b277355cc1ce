"""Names the extra to install for a part of the package whose libraries are missing."""

from .identity import DISTRIBUTION


def install(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def missing_extra(error: ModuleNotFoundError, extra: str) -> ImportError:
    """Return the error that names the missing library and the command that installs it."""
    library = (error.name or "a library").partition(".")[0]
    return ImportError(f"{library} is not installed; run: {install(extra)}")
