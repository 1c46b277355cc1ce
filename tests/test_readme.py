"""The example of each README runs as written, and names only what exists."""

import re
from pathlib import Path

import pytest

from tests.documents import blocks, runner, text

README = pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])


@README
def test_readme_example_edits_a_picture(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(page)
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        run(code)
        assert [charge.credits for charge in sandbox.charges] == [18]
    task_id, path = capsys.readouterr().out.split()
    assert path == str(Path("out") / f"{task_id}-1.png")
    assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")


@README
def test_readme_example_has_ten_lines(page: str) -> None:
    (code,) = blocks(page)
    assert len([line for line in code.splitlines() if line.strip()]) == 10


@README
def test_readme_states_that_the_live_api_is_untested(page: str) -> None:
    statement = {
        "README.md": "The client has not been tested against the live API.",
        "README.zh-CN.md": "客户端尚未针对真实 API 测试过。",
    }
    assert statement[page] in text(page)


def test_readmes_have_the_same_sections_links_and_commands() -> None:
    english, chinese = text("README.md"), text("README.zh-CN.md")
    assert english.count("\n## ") == chinese.count("\n## ")

    def links(page: str) -> list[str]:
        """The links, each to the English page if it leads to the Chinese one of the same name."""
        found: list[str] = re.findall(r"\]\(([^)]+)\)", page)
        english_pages = {"docs/zh/mcp.md": "docs/mcp.md", "docs/zh/start.md": "docs/guide/start.md"}
        return [english_pages.get(link, link) for link in found if not link.startswith("README")]

    def commands(page: str) -> list[str]:
        return re.findall(r"(?:make|pip|export|kie-ideogram) [a-z'.]+", "".join(shell(page)))

    def shell(page: str) -> list[str]:
        return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)

    assert sorted(links(english)) == sorted(links(chinese))
    assert commands(english) == commands(chinese)
