"""Text that error reports must not show."""


class Secret:
    """A secret text. Its `repr` does not contain it, so tracebacks that show local variables do not either.

    Functions must keep the text itself out of their local variables: they pass on `reveal()`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret()"

    def reveal(self) -> str:
        """Return the text."""
        return self._text


NO_SECRET = Secret("")
