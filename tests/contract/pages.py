"""Writes the tables of codes and prices in `docs/` from the package: `python -m tests.contract.pages`."""

import re
from collections.abc import Iterable
from pathlib import Path

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT

DOCS = Path(__file__).parents[2] / "docs"
CODE = re.compile(r"(?:^\| \d+ \| `\w+` \| \w+ \| \w+ \|\n)+", re.MULTILINE)
PRICE = re.compile(r"(?:^\| `\w+` \| [^|\n]+ \| [\d.]+ \| USD [\d.]+ \|\n)+", re.MULTILINE)


def written() -> dict[Path, str]:
    """Return the text of each page as it should be."""
    return {
        DOCS / "errors.md": _replaced(DOCS / "errors.md", CODE, _code_rows()),
        DOCS / "pictures.md": _replaced(DOCS / "pictures.md", PRICE, _price_rows()),
    }


def _replaced(page: Path, table: re.Pattern[str], rows: Iterable[str]) -> str:
    """Return a page with other rows in the one table that matches."""
    text = page.read_text(encoding="utf-8")
    (old,) = table.findall(text)
    return text.replace(old, "".join(f"| {row} |\n" for row in rows))


def _code_rows() -> Iterable[str]:
    for number, kind in errors.BY_CODE.items():
        charged = re.search(r"Charged: (\w+)\.", kind.__doc__ or "")
        assert charged, "each exception of a code says whether a task is charged"
        yield f"{number} | `{kind.__name__}` | {CONTRACT.codes[number].create} | {charged[1]}"


def _price_rows() -> Iterable[str]:
    assert CONTRACT.credit_price
    each, currency = CONTRACT.credit_price
    for model in CONTRACT.models.values():
        if model.price is None:
            continue
        credits_ = model.price.credits
        for value, number in (credits_ if isinstance(credits_, dict) else {"any": credits_}).items():
            note = ", if omitted" if value == model.price.by_default else ""
            yield f"`{model.resource}` | `{value}`{note} | {number:g} | {currency} {number * each:.4g}"


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
