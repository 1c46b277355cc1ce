"""The command line as a process: on a terminal, interrupted, completed by a shell."""

import os
import pty
import select
import signal
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from kie_ideogram._runtime.cli.output import _Bars
from kie_ideogram._runtime.tasks.results.progress import Progress
from kie_ideogram._runtime.testing.fake_service.files import StoredFile
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import edit
from tests.money.support import KEY
from tests.pictures.support import Files
from tests.pictures.test_save import Dying, served_by, serving

COMMAND = [sys.executable, "-W", "error", "-m", "kie_ideogram"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the commands keep their journal, so that it is not the one of whoever runs the tests."""
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("KIE_JOURNAL", raising=False)


def command(sandbox: Sandbox, arguments: list[object]) -> tuple[list[str], dict[str, str]]:
    servers = ["--base-url", sandbox.url, "--upload-base-url", sandbox.url]
    environment = {**os.environ, "KIE_API_KEY": sandbox.keys[0], "TERM": "xterm-256color", "COLUMNS": "100"}
    return [*COMMAND, *map(str, arguments), *servers], environment


def test_on_a_terminal_bars_and_a_clock_move_and_the_result_stays_plain(files: Files, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with Sandbox(keys=[KEY], scale=0.05) as sandbox:
        line, environment = command(sandbox, edit(files, "-o", tmp_path / "out"))
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
            os.close(theirs)
            shown = _read(ours)
            assert process.stdout
            out = process.stdout.read().decode()
    assert process.returncode == 0
    task_id = sandbox.charges[-1].task_id
    assert out == f"{tmp_path / 'out' / task_id}-1.png\n"
    assert "\x1b[" in shown
    assert "━" in shown
    assert KEY not in shown
    for said in ("upload image", "upload mask", "upload reference", f"task {task_id}: success", "0:00:0"):
        assert said in shown


def _read(terminal: int) -> str:
    """Everything until the other end is closed."""
    shown = b""
    while True:
        assert select.select([terminal], [], [], 60)[0], "the command says nothing more"
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            os.close(terminal)
            return shown.decode()
        shown += chunk


def test_ctrl_c_keeps_the_tasks_id_and_the_line_it_prints_resumes(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Sandbox(keys=[KEY], scale=0.2) as sandbox:
        line, environment = command(sandbox, edit(files, "-o", out))
        pipe = subprocess.PIPE
        with subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
            assert process.stderr
            while "waiting" not in process.stderr.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            printed, said = process.communicate(timeout=60)
        task_id = sandbox.charges[-1].task_id
        servers = f"--base-url {sandbox.url} --upload-base-url {sandbox.url}"
        resume = f"wait {task_id} --save-to {out} {servers}"
        assert (process.returncode, printed) == (130, "")
        # Interrupted in the middle of a line, the terminal may show that line again before the last one.
        expected = f"interrupted; task {task_id} goes on and is paid for; resume: kie-ideogram {resume}"
        assert said.splitlines()[-1] == expected
        assert "Traceback" not in said
        assert KEY not in said
        assert list(out.iterdir()) == []
        done = subprocess.run(
            [*COMMAND, *resume.split()], capture_output=True, text=True, env=environment, check=True
        )
    assert done.stdout == f"{out / task_id}-1.png\n"
    assert len(sandbox.charges) == 1


def test_a_display_that_was_left_shows_nothing_more() -> None:
    shown = StringIO()
    display = _Bars(Console(file=shown, force_terminal=True))
    with display:
        display.show(Progress("download", "one", 1))
    before = shown.getvalue()
    display.show(Progress("download", "other", 1))
    assert shown.getvalue() == before
    # The cursor is back.
    assert before.rfind("\x1b[?25h") > before.rfind("\x1b[?25l") > -1


class Stalling(Dying):
    """Sends the half of a picture, and then nothing for as long as the test takes."""

    stalled = threading.Semaphore(0)
    over = threading.Event()

    def then(self) -> None:
        self.stalled.release()
        self.over.wait(60)


def test_ctrl_c_does_not_wait_for_downloads_and_leaves_no_half_of_one(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with Sandbox(keys=[KEY], scale=0) as sandbox, sandbox.client() as kie, serving(Stalling) as url:
        task_id = kie.character_edit.run(**files.given(num_images="3")).task.id
        monkeypatch.setattr(StoredFile, "url", served_by(url))
        line, environment = command(sandbox, ["download", task_id, "-o", out])
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment) as process:
            for _ in range(3):
                assert Stalling.stalled.acquire(timeout=60)
            assert [path for path in out.rglob("*") if path.is_file()]
            process.send_signal(signal.SIGINT)
            # They would take a minute each, and be repeated.
            _, said = process.communicate(timeout=30)
        Stalling.over.set()
    assert process.returncode == 130
    assert f"interrupted; task {task_id} goes on and is paid for; resume: " in said
    assert "Traceback" not in said
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("kie-ideogram ed", "edit"),
        ("kie-ideogram edit --rendering-s", "--rendering-speed"),
        ("kie-ideogram edit --style F", "FICTION"),
    ],
)
def test_a_shell_completes_commands_options_and_choices(typed: str, offered: str) -> None:
    environment = {
        **os.environ,
        "_KIE_IDEOGRAM_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == [offered]


def without(library: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where a library is not installed."""
    script = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv[1:] = {arguments!r}\n"
        "from kie_ideogram.__main__ import main; main()"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("library", ["rich", "typer"])
def test_without_its_libraries_the_missing_extra_is_named(library: str) -> None:
    done = without(library)
    assert done.returncode == 1
    assert done.stderr == f"error: {library} is not installed; run: pip install 'kie-ideogram[cli]'\n"


def test_a_sandbox_without_its_libraries_names_the_extra() -> None:
    done = without("starlette", "sandbox")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: starlette is not installed; run: pip install 'kie-ideogram[sandbox]'\n"
