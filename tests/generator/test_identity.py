"""The names of the package come from `x-package`; the generator knows none of them."""

import re

import pytest

from generator.contract.identity import identity
from generator.contract.model import PackageIdentity
from tests.generator.edits import ROOT, documents, edited

GENERATOR = ROOT / "generator"
SHIPPED = documents(edited([]))[0].data["x-package"]


def words_of_the_shipped_package() -> list[str]:
    """Return the parts of its module's name, and its short name."""
    return [*SHIPPED["module"].split("_"), SHIPPED["client"]]


@pytest.mark.parametrize("word", words_of_the_shipped_package())
def test_generator_names_nothing_of_the_shipped_package(word: str) -> None:
    # `cookie` is a word of HTTP.
    named = re.compile(rf"(?i)(?<!coo){word}")
    texts = (path for path in GENERATOR.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert [str(path.relative_to(ROOT)) for path in texts if named.search(path.read_text("utf-8"))] == []


def test_every_name_but_two_has_a_default() -> None:
    assert identity({"module": "film_studio", "client": "FilmStudio"}) == PackageIdentity(
        module="film_studio",
        client="FilmStudio",
        name="film_studio",
        distribution="film-studio",
        command="film-studio",
        base_error="FilmStudioError",
        user_agent="film-studio",
        environment="FILM_STUDIO_",
        callback_parameter="film_studio-submission",
        journal_id=identity({"module": "film_studio", "client": "Other"}).journal_id,
    )


def test_journals_of_packages_have_different_ids() -> None:
    ids = {identity({"module": module, "client": "A"}).journal_id for module in ("one", "two", "three")}
    assert len(ids) == 3
    assert all(0 < number < 2**31 for number in ids)


def test_journal_id_is_its_letters_in_ascii() -> None:
    assert identity({"module": "a", "client": "A", "journal-id": "kiej"}).journal_id == 0x6B69656A
