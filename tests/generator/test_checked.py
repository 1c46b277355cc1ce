"""A package that was compared with its spec is compared again only if something has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.emit.checked import digest, remember, was_up_to_date


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder as of a spec, and one as of a package."""
    for name in ("spec", "out"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "a").write_text("a", encoding="utf-8")
    return tmp_path / "spec", tmp_path / "out"


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "inner" / "a").write_text("b", encoding="utf-8"),
    "name": lambda folder: (folder / "inner" / "a").rename(folder / "inner" / "b"),
    "place": lambda folder: (folder / "inner" / "a").rename(folder / "a"),
    "new file": lambda folder: (folder / "b").touch(),
    "removed file": lambda folder: (folder / "inner" / "a").unlink(),
}


@pytest.mark.parametrize("number", [0, 1], ids=["spec", "package"])
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(
    folders: tuple[Path, Path], number: int, change: str, tmp_path: Path
) -> None:
    before = digest(*folders)
    remember(tmp_path / "kept" / "checked", before)
    assert was_up_to_date(tmp_path / "kept" / "checked", digest(*folders))
    CHANGES[change](folders[number])
    assert not was_up_to_date(tmp_path / "kept" / "checked", digest(*folders))


def test_bytecode_is_no_change(folders: tuple[Path, Path]) -> None:
    before = digest(*folders)
    (folders[1] / "__pycache__").mkdir()
    (folders[1] / "__pycache__" / "a.pyc").touch()
    assert digest(*folders) == before


def test_record_that_cannot_be_used_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff")
    assert not was_up_to_date(tmp_path / "file", "ab")
    remember(tmp_path / "file" / "checked", "ab")
    assert not was_up_to_date(tmp_path / "file" / "checked", "ab")
