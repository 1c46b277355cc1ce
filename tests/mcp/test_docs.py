"""`docs/mcp.md`: its program runs as written, and its table has every tool."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.documents import blocks, runner, text
from tests.mcp.conftest import Connect


def test_the_program_of_the_page_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks("docs/mcp.md")
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        for name in ("KIE_BASE_URL", "KIE_UPLOAD_BASE_URL"):
            monkeypatch.setenv(name, sandbox.url)
        monkeypatch.setenv("KIE_JOURNAL", str(tmp_path / "journal.db"))
        run(code)
        assert len(sandbox.charges) == 1
    price, outcome, paths, refused = capsys.readouterr().out.splitlines()
    assert price == "12 credits, about USD 0.06"
    assert outcome == "submitted before"
    assert paths.endswith("-1.png']")
    assert refused.startswith("True the budget is reached: this costs 12 credits, about USD 0.06 (session: 8")


def test_the_chinese_page_has_the_same_program() -> None:
    assert blocks("docs/zh/mcp.md") == blocks("docs/mcp.md")


@pytest.mark.parametrize("page", ["docs/mcp.md", "docs/zh/mcp.md"])
@pytest.mark.anyio
async def test_the_table_has_every_tool(connect: Connect, page: str) -> None:
    async with connect() as agent:
        tools = {tool.name for tool in (await agent.client.list_tools()).tools}
    table = text(page).partition("| --- | --- |\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named == {tool for tool in tools if not tool.startswith("dry_run_")}
