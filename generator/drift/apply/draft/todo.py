"""Defines what a draft leaves to a person."""

from typing import NamedTuple


class Todo(NamedTuple):
    """Something to do by hand about `subject`, with the lines of the page that it concerns."""

    subject: str
    message: str
    lines: tuple[int, ...] = ()

    def format(self, page: str) -> str:
        """Format as `subject: message (page:line)`."""
        places = ", ".join(f"{page}:{line}" for line in dict.fromkeys(self.lines) if line)
        return f"{self.subject}: {self.message}{f' ({places})' if places else ''}"
