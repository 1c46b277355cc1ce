"""`generator new` writes the smallest spec; tests/apis uses the package that it yields."""

from pathlib import Path

import pytest

from generator.contract.source import read_spec
from generator.diagnostics import InputError
from generator.scaffold import write_spec


def test_new_spec_is_complete_and_short(tmp_path: Path) -> None:
    written = write_spec("film_studio", tmp_path / "spec")
    assert read_spec(tmp_path / "spec").contract.package.client == "FilmStudio"
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in written) < 120


@pytest.mark.parametrize("name", ["Film", "film-studio", "", "1st"])
def test_name_that_is_no_module_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not a module's name"):
        write_spec(name, tmp_path / "spec")


def test_keyword_is_refused_when_the_spec_is_read(tmp_path: Path) -> None:
    write_spec("class", tmp_path / "spec")
    with pytest.raises(InputError, match=r"'class' is a keyword of Python.*\(package\)"):
        read_spec(tmp_path / "spec")


def test_existing_spec_is_not_replaced(tmp_path: Path) -> None:
    (path, _) = write_spec("film_studio", tmp_path / "spec")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        write_spec("film_studio", tmp_path / "spec")
    assert path.read_text(encoding="utf-8") == "mine"
