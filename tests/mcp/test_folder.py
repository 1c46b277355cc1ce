"""Pictures are read below one folder only, whatever a path looks like."""

import os
from pathlib import Path

import pytest

from kie_ideogram._runtime.core.errors import ConfigurationError
from kie_ideogram._runtime.mcp.folder import AllowedFolder, UnreadableError

MOST = 100


@pytest.fixture
def folder(tmp_path: Path) -> AllowedFolder:
    (tmp_path / "in" / "more").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "in-secret").mkdir()
    (tmp_path / "in-secret" / "a.png").write_bytes(b"secret")
    (tmp_path / "in" / "a.png").write_bytes(b"a")
    (tmp_path / "in" / "more" / "b.png").write_bytes(b"b")
    (tmp_path / "in" / "out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "in" / "more" / "b.png")
    (tmp_path / "in" / "loop.png").symlink_to(tmp_path / "in" / "loop.png")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    return AllowedFolder(tmp_path / "in")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.png", b"a"),
        ("./more/../a.png", b"a"),
        ("more/b.png", b"b"),
        ("link.png", b"b"),
        ("{folder}/a.png", b"a"),
        ("../in/a.png", b"a"),
        ("up/in/a.png", b"a"),
    ],
)
def test_a_file_below_the_folder_is_read(folder: AllowedFolder, path: str, content: bytes) -> None:
    file = folder.read(path.format(folder=folder.path), MOST)
    assert file.read() == content
    assert file.name in ("a.png", "b.png")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "../missing.png",
        "../in-secret/a.png",
        "{folder}/../secret.png",
        "{folder}-secret/a.png",
        "/etc/hostname",
        "out.png",
        "up/secret.png",
        "more/../../secret.png",
        "..",
    ],
)
def test_a_path_outside_the_folder_is_refused(folder: AllowedFolder, path: str) -> None:
    with pytest.raises(UnreadableError, match="is outside the allowed folder"):
        folder.read(path.format(folder=folder.path), MOST)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing.png", "No such file"),
        ("more", "is not a regular file"),
        (".", "is not a regular file"),
        ("pipe.png", "is not a regular file"),
        ("loop.png", "loop|Too many levels|outside"),
        ("a.png/b.png", "Not a directory"),
        ("a\0.png", "null"),
        ("", "got an empty text"),
        ("x" * 5000, "too long"),
        ("https://example.com/a.png", "is a URL"),
        ("file:///etc/hostname", "is a URL"),
        ("data:image/png;base64,AAAA", "is a URL"),
    ],
)
def test_what_is_not_a_file_is_refused(folder: AllowedFolder, path: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        folder.read(path, MOST)


def test_a_file_of_the_allowed_size_is_read(folder: AllowedFolder) -> None:
    (folder.path / "large.png").write_bytes(b"x" * MOST)
    assert len(folder.read("large.png", MOST).getvalue()) == MOST


def test_a_larger_file_is_refused(folder: AllowedFolder) -> None:
    (folder.path / "large.png").write_bytes(b"x" * (MOST + 7))
    with pytest.raises(UnreadableError, match="has 107 bytes, at most 100 are allowed"):
        folder.read("large.png", MOST)


class SwappingFolder(AllowedFolder):
    """A folder in which a file becomes a link to a secret as soon as its path was checked."""

    def _allowed(self, given: str) -> Path:
        path = super()._allowed(given)
        if not path.is_symlink():
            path.unlink()
            path.symlink_to(self.path.parent / "secret.png")
        return path


def test_a_link_that_replaces_a_checked_file_is_refused(folder: AllowedFolder) -> None:
    with pytest.raises(UnreadableError, match="is outside the allowed folder"):
        SwappingFolder(folder.path).read("a.png", MOST)


@pytest.mark.parametrize("path", ["missing", "a.png", "a\0b"])
def test_only_a_folder_can_be_allowed(folder: AllowedFolder, path: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a folder"):
        AllowedFolder(folder.path / path)
