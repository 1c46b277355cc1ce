"""Suggests what a misspelt name probably meant."""

from collections.abc import Sequence

# A longer word is not a misspelt name, and comparing it takes long.
_MAX_LENGTH = 200


def did_you_mean(word: str, words: Sequence[str]) -> str:
    """Return a suggestion to append to a message, such as `"; did you mean 'prompt'?"`, or ""."""
    if len(word) > _MAX_LENGTH:
        return ""
    from difflib import get_close_matches  # needed for errors only

    folded = {candidate.casefold(): candidate for candidate in words}
    matches = get_close_matches(word.casefold(), folded, n=1)
    return f"; did you mean '{folded[matches[0]]}'?" if matches else ""
