"""Ctrl-C: what was paid for continues, and the last line is the command that continues it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kie_ideogram import Kie
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.cli.conftest import PROCESS, Command, edit, environment, last_command
from tests.money.support import KEY
from tests.pictures.support import Files


def interrupted(
    sandbox: Sandbox, home: Path, arguments: list[object], ready: Callable[[str], object]
) -> subprocess.CompletedProcess[str]:
    """Run a command in another process, and send it SIGINT once it has printed a line that is `ready`."""
    words = [*PROCESS, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, stdout=pipe, stderr=pipe, text=True, env=environment(sandbox, home), cwd=home
    ) as process:
        assert process.stderr
        while not ready(process.stderr.readline()):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert KEY not in out + err
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def again(sandbox: Sandbox, home: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    words = [*PROCESS, *arguments]
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        env=environment(sandbox, home),
        cwd=home,
        check=False,
        timeout=60,
    )


def test_ctrl_c_before_the_submission_creates_no_task(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY]) as sandbox:
        sandbox.play([{"call": "uploadFile", "slow": 1, "times": 3}])
        done = interrupted(sandbox, tmp_path, edit(files), lambda line: "uploading" in line)
        assert (done.returncode, done.stdout) == (130, "")
        assert done.stderr.splitlines()[-1] == "interrupted; no task was created"
        assert not sandbox.charges


def test_ctrl_c_during_the_submission_names_both_commands(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        sandbox.play([{"call": "createTask", "slow": 5}])

        def charged(line: str) -> bool:
            if "creating the task" not in line:
                return False
            while not sandbox.charges:
                time.sleep(0.01)
            return True

        done = interrupted(sandbox, tmp_path, edit(files, "--idempotency-key", "order 17"), charged)
        assert (done.returncode, done.stdout) == (130, "")
        message = done.stderr.splitlines()[-1]
        assert "a task may exist and may have been charged" in message
        assert "kie-ideogram unknown" in message
        continued = again(sandbox, tmp_path, last_command(done.stderr, "edit"))
        # Charged, and interrupted before the response: it must not be charged again.
        assert continued.returncode == 5
        assert "[idempotency key order 17]" in continued.stderr
        assert len(sandbox.charges) == 1


def test_ctrl_c_prints_the_whole_command_to_continue(files: Files, tmp_path: Path) -> None:
    out, clock = tmp_path / "with space", VirtualClock()
    options = ["-o", out, "--contact-sheet", "--repaint", "black", "--overwrite", "--num-images", 2]
    with Sandbox(keys=[KEY], clock=clock) as sandbox:
        done = interrupted(sandbox, tmp_path, edit(files, *options), lambda line: "waiting" in line)
        task_id = sandbox.charges[-1].task_id
        assert (done.returncode, done.stdout) == (130, "")
        start = f"interrupted; task {task_id} continues and is paid for; to continue: kie-ideogram edit "
        assert done.stderr.splitlines()[-1].startswith(start)
        assert list(out.iterdir()) == []
        clock.advance(3600)
        continued = again(sandbox, tmp_path, last_command(done.stderr, "edit"))
        names = [f"{task_id}-1.png", f"{task_id}-2.png", f"{task_id}-sheet.png"]
        assert continued.stdout.splitlines() == [str(out / name) for name in names]
        assert len(sandbox.charges) == 1
        # The edit itself was continued, so the record knows its pictures.
        record = json.loads((out / f"{task_id}.json").read_text(encoding="utf-8"))
        assert [one["name"] for one in record["inputs"]] == ["image.png", "mask.png", "reference.png"]


def test_ctrl_c_during_resume_counts_the_tasks(files: Files, tmp_path: Path) -> None:
    journal, clock = tmp_path / "journal.db", VirtualClock()
    with Sandbox(keys=[KEY], clock=clock) as sandbox:
        with Kie(KEY, base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal) as kie:
            for _ in range(2):
                kie.character_edit.submit(**files.given())
        arguments: list[object] = ["resume", "-o", tmp_path / "out", "--journal", journal]
        done = interrupted(sandbox, tmp_path, arguments, lambda line: "waiting" in line)
        assert (done.returncode, done.stdout) == (130, "")
        start = "interrupted; 2 tasks continue and are paid for; to continue: kie-ideogram resume "
        assert done.stderr.splitlines()[-1].startswith(start)
        clock.advance(3600)
        continued = again(sandbox, tmp_path, last_command(done.stderr, "resume"))
        assert len(continued.stdout.splitlines()) == 2


def test_interruption_while_loading_exits_130(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from kie_ideogram.__main__ import main

    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise KeyboardInterrupt

    name = "kie_ideogram._runtime.cli.app"
    monkeypatch.setitem(sys.modules, name, Interrupted(name))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
