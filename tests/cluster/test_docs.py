"""The page on many machines: its commands and its code run as written."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import kie_ideogram.cluster
from tests.cluster.support import run_command
from tests.documents import blocks, preset, runner, text

PAGE = "docs/guide/machines.md"


def commands(program: str) -> list[list[str]]:
    """Return the commands of the page that begin with a word."""
    shells = re.findall(r"```sh\n(.*?)```", text(PAGE), re.DOTALL)
    lines = "".join(shells).splitlines()
    return [shlex.split(line) for line in lines if line.split()[0] == program]


def test_the_page_runs_as_written(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    socket = server.split()[0].removeprefix("host=")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], *map(str, programs)]))
    for name, value in (("PGHOST", socket), ("PGUSER", "kie")):
        monkeypatch.setenv(name, value)
    for program in ("createuser", "createdb"):
        for words in commands(program):
            # The password is asked for on a terminal.
            subprocess.run([word for word in words if word != "--pwprompt"], check=True, capture_output=True)
    monkeypatch.setenv("KIE_DATABASE", f"postgresql://batches@/batches?host={socket}")
    (rows,) = re.findall(r"```text\n(.*?)```", text("docs/batches.md"), re.DOTALL)
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        (tmp_path / "rows.csv").write_text(rows)
        for name in ("KIE_BASE_URL", "KIE_UPLOAD_BASE_URL"):
            monkeypatch.setenv(name, sandbox.url)
        for name in ("SHOP_KEY", "STUDIO_KEY"):
            monkeypatch.setenv(name, sandbox.keys[0])
        endless = [words for words in commands("kie-ideogram") if words[1:3] == ["batch", "work"]]
        for words in commands("kie-ideogram"):
            given = [word.replace("/shared/", f"{tmp_path}/") for word in words]
            if words in endless:
                given += ["--help"]
            assert run_command(given[1:]) == 0, given
        assert len(sandbox.charges) == 2
        preset(monkeypatch, kie_ideogram.cluster, "Cluster", folder=tmp_path)
        for code in blocks(PAGE):
            run(code)
        assert len(sandbox.charges) == 6
    output = capsys.readouterr().out
    assert "rows: 2 succeeded" in output
    assert "2 rows have ended" in output
    assert re.search(r"^anna succeeded \(PosixPath\('out/summer/anna/", output, re.MULTILINE)
