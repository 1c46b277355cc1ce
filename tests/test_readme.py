"""The front pages' Python runs as written, against the sandbox."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import kie_ideogram
from examples import portrait
from kie_ideogram.testing import Sandbox

ROOT = Path(__file__).parent.parent


def blocks(page: str) -> list[str]:
    """The Python of a page, block by block."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def draw(folder: Path) -> None:
    """Make the pictures that the pages speak of."""
    drawings: dict[str, Callable[[], bytes]] = {
        "portrait.png": portrait.portrait,
        "mask.png": portrait.mask,
        "reference.png": portrait.reference,
    }
    for name, drawing in drawings.items():
        (folder / name).write_bytes(drawing())


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_ten_lines_edit_a_picture(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = blocks(page)[0]
    draw(tmp_path)
    with Sandbox(scale=0) as sandbox:
        client = partial(kie_ideogram.Kie, base_url=sandbox.url, upload_base_url=sandbox.url)
        monkeypatch.setattr(kie_ideogram, "Kie", client)
        monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
        monkeypatch.chdir(tmp_path)
        exec(compile(code, page, "exec"), {})  # noqa: S102 # our own page
    task_id, path = capsys.readouterr().out.split()
    assert path == str(Path("out") / f"{task_id}-1.png")
    assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")


def test_the_section_in_production_runs_as_written_however_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path)
    (_, code) = blocks("README.md")
    with Sandbox(scale=0) as sandbox:
        client = partial(kie_ideogram.Kie, base_url=sandbox.url, upload_base_url=sandbox.url)
        monkeypatch.setattr(kie_ideogram, "Kie", client)
        monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
        monkeypatch.chdir(tmp_path)
        for _ in range(2):
            exec(compile(code, "README.md", "exec"), {})  # noqa: S102 # our own page
        assert len(sandbox.charges) == 1
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".png"]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_ten_lines_are_ten(page: str) -> None:
    code = blocks(page)[0]
    assert len([line for line in code.splitlines() if line.strip()]) == 10


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_page_names_only_what_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    errors = set(re.findall(r"`(\w+Error)`", text))
    assert errors
    assert errors <= set(kie_ideogram.errors.__all__)
