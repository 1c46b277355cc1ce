"""Output that cannot be written or encoded: the result is never lost with it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from kie_ideogram.testing import Sandbox
from tests.cli.conftest import PROCESS, edit, environment
from tests.money.support import KEY
from tests.pictures.support import Files


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_unwritable_result_exits_8_with_the_task(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [*PROCESS, *map(str, edit(files, "-o", out))]
    with Sandbox(keys=[KEY], scale=0) as sandbox, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(sandbox, tmp_path),
            check=False,
        )
        task_id = sandbox.charges[-1].task_id
    assert done.returncode == 8
    assert "error: the output: No space left on device" in done.stderr
    assert f"task {task_id} is paid for; to continue: " in done.stderr.splitlines()[-1]
    assert (out / f"{task_id}-1.png").exists()


@pytest.mark.parametrize(("closed", "code"), [("stdout", 8), ("stderr", 0), ("both", 8)])
def test_closed_pipe_does_not_lose_the_result(files: Files, tmp_path: Path, closed: str, code: int) -> None:
    out = tmp_path / "out"
    words = [*PROCESS, *map(str, edit(files, "-o", out))]
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(sandbox, tmp_path)
        ) as process:
            assert process.stdout
            assert process.stderr
            for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
                if closed in (name, "both"):
                    pipe.close()
            printed = b"" if process.stdout.closed else process.stdout.read()
            said = b"" if process.stderr.closed else process.stderr.read()
        task_id = sandbox.charges[-1].task_id
    assert process.returncode == code
    assert (out / f"{task_id}-1.png").exists()
    assert (out / f"{task_id}.json").exists()
    assert printed.decode() == (f"{out / task_id}-1.png\n" if closed == "stderr" else "")
    if closed == "stdout":
        assert b"error: the output: Broken pipe" in said
        assert b"Exception ignored" not in said


@pytest.mark.parametrize("option", ["--json", "--dry-run", "-o"])
def test_unencodable_text_is_escaped(files: Files, tmp_path: Path, option: str) -> None:
    out, prompt = tmp_path / "图片", "微笑 ☺"
    arguments = edit(files, "-o", out, *([option] if option != "-o" else []), prompt=prompt)
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        done = subprocess.run(
            [*PROCESS, *map(str, arguments)],
            capture_output=True,
            env=environment(sandbox, tmp_path, PYTHONIOENCODING="cp1252"),
            check=False,
        )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    text = done.stdout.decode("cp1252")
    if option == "--json":
        document = json.loads(text)
        assert document["request"]["input"]["prompt"] == prompt
        assert all(Path(path).exists() for path in document["paths"])
    elif option == "--dry-run":
        assert json.loads(text)["input"]["prompt"] == prompt
    else:
        assert "\\u56fe\\u7247" in text


def test_a_lone_surrogate_in_a_path_is_escaped(files: Files, tmp_path: Path) -> None:
    out = os.fsencode(tmp_path) + b"/\xff"
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        done = subprocess.run(
            [*PROCESS, *map(str, edit(files)), b"-o", out],
            capture_output=True,
            env=environment(sandbox, tmp_path),
            check=False,
        )
        name = f"{sandbox.charges[-1].task_id}-1.png"
    assert done.returncode == 0
    assert done.stdout == os.fsencode(tmp_path) + rb"/\udcff/" + name.encode() + b"\n"
