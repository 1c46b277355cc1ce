"""The tables of codes and prices in `docs/` are those that `make generate` writes."""

from tests.contract.pages import written


def test_tables_of_the_pages_are_up_to_date() -> None:
    for page, text in written().items():
        assert page.read_text(encoding="utf-8") == text, f"{page.name}: run `make generate`"
