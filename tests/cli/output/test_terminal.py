"""What is on the screen at the end of a command, at several widths and on several kinds of terminal."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyte
import pytest

from kie_ideogram import Kie
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.cli.conftest import PROCESS, edit, environment, succeed
from tests.money.support import KEY
from tests.pictures.results.test_save import Dying, serving
from tests.pictures.support import Files

WIDTHS = (60, 80, 140)
LINES = 50


class Screen(NamedTuple):
    """A terminal after a command has ended on it."""

    code: int
    raw: str
    lines: list[str]
    """What is visible, without the empty lines at the end."""
    screen: pyte.Screen


def on_terminal(
    arguments: list[object],
    environ: dict[str, str],
    columns: int,
    folder: Path,
    during: Callable[[str, int], object] = lambda shown, process: None,
) -> Screen:
    """Run a command on a terminal. `during` is called with what was shown so far and the process id."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    words = [*PROCESS, *map(str, arguments)]
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env=environ, cwd=folder) as process:
        os.close(theirs)
        raw = _read(ours, lambda shown: during(shown, process.pid))
    screen = pyte.Screen(columns, LINES)
    pyte.Stream(screen).feed(raw)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    assert KEY not in raw
    return Screen(process.returncode, raw, lines, screen)


def _read(terminal: int, during: Callable[[str], object]) -> str:
    """Everything until the other end is closed."""
    shown = b""
    while True:
        assert select.select([terminal], [], [], 60)[0], "the command prints nothing more"
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            os.close(terminal)
            return shown.decode()
        shown += chunk
        during(shown.decode(errors="replace"))


def wrapped(lines: list[str], columns: int) -> list[str]:
    """Lines as a terminal of that width shows them: a space at the end of one is not seen."""
    return [line[at : at + columns].rstrip() for line in lines for at in range(0, len(line), columns)]


def matches(shown: list[str], patterns: list[str]) -> None:
    """Hold lines against regular expressions, one for each."""
    assert len(shown) == len(patterns), shown
    for line, pattern in zip(shown, patterns, strict=True):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"


@pytest.mark.parametrize("columns", WIDTHS)
def test_edit_leaves_a_line_per_step_and_the_result(files: Files, tmp_path: Path, columns: int) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        sandbox.play([{"call": "uploadFile", "slow": 0.5, "times": 3}])
        arguments = edit(files, "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environment(sandbox, tmp_path), columns, tmp_path)
        task_id = sandbox.charges[-1].task_id
    assert done.code == 0
    matches(
        done.lines,
        [
            r"uploaded image, mask, reference \(\d+(\.\d)? (bytes|kB)\)",
            rf"task {task_id}: success \(\d:\d\d\)",
            r"finished in \d+ s; cost: 18 credits, about USD 0\.09",
            rf"out/{task_id}-1\.png",
        ],
    )
    # Rows moved while it ran, and the cursor is visible again.
    assert "upload reference" in done.raw
    assert "waiting" in done.raw
    assert done.raw.rfind("\x1b[?25h") > done.raw.rfind("\x1b[?25l") > -1


@pytest.mark.parametrize("columns", WIDTHS)
def test_ctrl_c_leaves_the_command_that_continues(files: Files, tmp_path: Path, columns: int) -> None:
    def interrupt(shown: str, process: int) -> None:
        if "waiting" in shown and not sent:
            sent.append(process)
            os.kill(process, signal.SIGINT)

    sent: list[int] = []
    with Sandbox(keys=[KEY], clock=VirtualClock()) as sandbox:
        environ = environment(sandbox, tmp_path)
        arguments = edit(files, "--idempotency-key", "order-17", "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environ, columns, tmp_path, interrupt)
        task_id = sandbox.charges[-1].task_id
        url = sandbox.url
    assert done.code == 130
    continuation = (
        f"kie-ideogram edit --prompt 'a smile' --image {files.image} --mask {files.mask} --reference "
        f"{files.reference} --repaint black --save-to out --idempotency-key order-17 "
        f"--base-url {url} --upload-base-url {url}"
    )
    message = f"interrupted; task {task_id} continues and is paid for; to continue: {continuation}"
    assert re.fullmatch(r"uploaded image, mask, reference \(\d+(\.\d)? (bytes|kB)\)", done.lines[0])
    assert done.lines[1:] == wrapped([message], columns)


@pytest.mark.parametrize("columns", WIDTHS)
def test_error_leaves_its_line(files: Files, tmp_path: Path, columns: int) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        sandbox.fail_next(msg="No face.")
        arguments = edit(files, "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environment(sandbox, tmp_path), columns, tmp_path)
        task_id = sandbox.charges[-1].task_id
    assert done.code == 3
    error = f"error: the task failed, GENERATION_FAILED: No face. [task {task_id}]"
    assert done.lines[1:] == wrapped([error], columns)


def test_resume_leaves_a_line_per_task(files: Files, tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        with Kie(KEY, base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal) as kie:
            tasks = [kie.character_edit.submit(**files.given()) for _ in range(2)]
        environ = environment(sandbox, tmp_path, KIE_JOURNAL=str(journal))
        done = on_terminal(["resume", "-o", "out"], environ, 60, tmp_path)
    assert done.code == 0
    assert all(re.fullmatch(r"task \w+: success \(\d:\d\d\)", line) for line in done.lines[:2])
    assert {line.split()[1].rstrip(":") for line in done.lines[:2]} == {task.id for task in tasks}
    assert done.lines[2] == "saved 2 files; cost: 36 credits, about USD 0.18"
    assert {*done.lines[3:]} == {f"out/{task.id}-1.png" for task in tasks}


@pytest.mark.parametrize("command", ["wait", "download", "upload"])
def test_other_commands_leave_only_their_result(files: Files, tmp_path: Path, command: str) -> None:
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        task_id = succeed(sandbox, files)
        arguments: dict[str, list[object]] = {
            "wait": ["wait", task_id, "-o", "out"],
            "download": ["download", task_id, "-o", "out"],
            "upload": ["upload", files.image],
        }
        done = on_terminal(arguments[command], environment(sandbox, tmp_path), 140, tmp_path)
        url = sandbox.url
    expected = {
        "wait": [
            rf"task {task_id}: success \(0:00\)",
            r"saved 1 file; cost: 18 credits, about USD 0\.09",
            rf"out/{task_id}-1\.png",
        ],
        "download": [rf"out/{task_id}-1\.png"],
        "upload": [r"uploaded image\.png \(\d+ bytes\)", rf"{url}/\S+"],
    }
    assert done.code == 0
    matches(done.lines, expected[command])


def test_dumb_terminal_gets_each_line_once(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        arguments = edit(files, "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environment(sandbox, tmp_path, TERM="dumb"), 80, tmp_path)
        task_id = sandbox.charges[-1].task_id
    assert done.code == 0
    assert "\x1b" not in done.raw
    assert len(done.lines) == len(set(done.lines))
    assert {f"uploading {name}" for name in ("image", "mask", "reference")} <= set(done.lines)
    *_, success, downloading, finished, path = done.lines
    assert (success, downloading) == (f"task {task_id}: success", f"downloading {task_id}-1")
    assert finished.startswith("finished in ")
    assert path == f"out/{task_id}-1.png"


def test_no_color_shows_rows_without_colour(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        arguments = edit(files, "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environment(sandbox, tmp_path, NO_COLOR="1"), 80, tmp_path)
    assert (done.code, len(done.lines)) == (0, 4)
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|38;[25])[0-9;]*m", done.raw)


def test_cp1252_terminal_gets_escapes(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        environ = environment(sandbox, tmp_path, PYTHONIOENCODING="cp1252")
        arguments = edit(files, "--repaint", "black", "-o", "图片", prompt="微笑")
        done = on_terminal(arguments, environ, 80, tmp_path)
        task_id = sandbox.charges[-1].task_id
    assert (done.code, "Traceback" in done.raw) == (0, False)
    assert done.raw.isascii()
    assert len(done.lines) == 4
    assert done.lines[-1] == rf"\u56fe\u7247/{task_id}-1.png"
    assert (tmp_path / "图片" / f"{task_id}-1.png").exists()


def test_retry_is_shown_above_the_rows(files: Files, tmp_path: Path) -> None:
    with Sandbox(keys=[KEY], scale=0.02) as sandbox:
        sandbox.play([{"call": "createTask", "status": 429, "code": 429}])
        arguments = edit(files, "--repaint", "black", "-o", "out")
        done = on_terminal(arguments, environment(sandbox, tmp_path), 140, tmp_path)
    assert done.code == 0
    shown = "".join(done.lines)
    assert re.search(r"createTask: code 429.*; retrying in \d+\.\d s", shown)
    assert shown.index("uploaded") < shown.index("createTask") < shown.index("success")


class Stalling(Dying):
    """Sends the first half of a picture, and then nothing."""

    def then(self) -> None:
        self.rfile.read()


def test_ctrl_c_does_not_wait_for_downloads(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Sandbox(keys=[KEY], scale=0) as sandbox, serving(Stalling) as url:
        task_id = succeed(sandbox, files)
        urls = json.dumps({"resultUrls": [f"{url}/{number}" for number in range(3)]})
        sandbox.play([{"call": "getTask", "set": {"data/resultJson": urls}, "times": 9}])
        words = [*PROCESS, "download", task_id, "-o", str(out)]
        with subprocess.Popen(
            words, stderr=subprocess.PIPE, text=True, env=environment(sandbox, tmp_path)
        ) as process:
            while sum(len(names) for _, _, names in os.walk(out)) < 3:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            # Otherwise each of them would take a minute, and be repeated.
            _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    message = f"interrupted; task {task_id} continues and is paid for; to continue: kie-ideogram download"
    assert message in err
    assert "Traceback" not in err
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("kie-ideogram ed", ["edit"]),
        ("kie-ideogram edit --rendering-s", ["--rendering-speed"]),
        ("kie-ideogram edit --style F", ["FICTION"]),
        ("kie-ideogram ado", []),
        ("kie-ideogram show v3-r", ["v3-remix", "v3-reframe"]),
        ("kie-ideogram show ideogram/v3-t", ["ideogram/v3-text-to-image"]),
    ],
)
def test_shell_completes_commands_options_and_choices(typed: str, offered: list[str]) -> None:
    assert completed(typed, {}) == offered


def test_shell_completes_unfinished_tasks(files: Files, tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    with Sandbox(keys=[KEY], scale=0) as sandbox:
        with Kie(KEY, base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal) as kie:
            task = kie.character_edit.submit(**files.given())
        environ = environment(sandbox, tmp_path, KIE_JOURNAL=str(journal))
    assert completed("kie-ideogram status ", environ) == [task.id]
    assert completed("kie-ideogram status ", environ | {"KIE_JOURNAL": str(tmp_path / "none.db")}) == []
    assert not (tmp_path / "none.db").exists()


def completed(typed: str, environ: dict[str, str]) -> list[str]:
    """What bash is offered for a line."""
    words = typed.split()
    number = len(words) - (not typed.endswith(" "))
    variables = {
        "_KIE_IDEOGRAM_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(number),
    }
    done = subprocess.run(
        [sys.executable, "-m", "kie_ideogram"],
        capture_output=True,
        text=True,
        env={**os.environ, **environ, **variables},
        check=False,
    )
    return done.stdout.split()


def without(library: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where a library is not installed."""
    script = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv[1:] = {arguments!r}\n"
        "from kie_ideogram.__main__ import main; main()"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("library", "arguments", "extra"),
    [
        ("rich", ["doctor"], "cli"),
        ("typer", [], "cli"),
        ("starlette", ["sandbox"], "sandbox"),
        ("yaml", ["sandbox", "--scenario", "x.yaml"], "sandbox"),
    ],
)
def test_missing_library_names_its_extra(
    tmp_path: Path, library: str, arguments: list[str], extra: str
) -> None:
    (tmp_path / "x.yaml").write_text("[]")
    arguments = [str(tmp_path / "x.yaml") if one == "x.yaml" else one for one in arguments]
    done = without(library, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {library} is not installed; run: pip install 'kie-ideogram[{extra}]'\n"
