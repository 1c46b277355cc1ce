"""The demo, as a process: what it leaves behind, and that it leaves nothing half-done."""

import re
import socket
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples" / "demo.py"

# The demo shows each state to a person. Here the task is done at the first poll.
QUICK = (
    "import kie_ideogram.testing as testing\n"
    "made = testing.Sandbox\n"
    "testing.Sandbox = lambda scale, port: made(scale=0, port=port)\n"
)


def run(*arguments: str, prelude: str = "") -> subprocess.CompletedProcess[str]:
    """Run the demo, after some lines of Python that stand for a machine in trouble."""
    start = f"import runpy, sys; sys.argv[0] = 'demo.py'; runpy.run_path({str(DEMO)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{prelude}\n{start}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )


def test_demo_edits_a_portrait_and_prints_its_paths(tmp_path: Path) -> None:
    for name in ("portrait.png", "mask.png", "reference.png", f"{'0' * 32}-1.png"):
        (tmp_path / name).write_bytes(b"of an earlier run")
    done = run("--out", str(tmp_path), prelude=QUICK + "import os; os.environ['COLUMNS'] = '20'")
    assert done.returncode == 0, done.stderr
    table, *paths = re.split(r"\n(?=/)", done.stdout.strip())
    task_id = re.search(r"task +│ ([0-9a-f]{32})", table)
    assert task_id
    assert "18 credits, about USD 0.09" in table
    states = re.findall(r"(waiting|queuing|generating|success) +\d+\.\d s", table)
    # Which of the states between are seen depends on when the client looks.
    assert (states[0], states[-1]) == ("waiting", "success")
    names = ["portrait.png", "mask.png", "reference.png", f"{task_id[1]}-1.png"]
    assert paths == [str(tmp_path / name) for name in names]
    before, mask, _, after = (Image.open(BytesIO(Path(path).read_bytes())) for path in paths)
    difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).convert("L")
    assert ImageChops.multiply(difference, mask.convert("L")).getbbox() is None
    assert difference.getbbox() == ImageChops.invert(mask.convert("L")).getbbox()
    assert [line for line in done.stderr.splitlines() if task_id[1] in line] != []
    assert "\x1b" not in done.stdout + done.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--out", str(tmp_path), "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"error: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
    assert list(tmp_path.iterdir()) == []


def test_a_port_without_a_number_is_refused(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path), "--port")
    assert done.returncode == 2
    assert "'--port' requires an argument" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = run("--out", str(file / "out"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {file / 'out'}: Not a directory\n"


@pytest.mark.parametrize(
    ("trouble", "says"), [("ENOSPC", "No space left on device"), ("EACCES", "Permission denied")]
)
def test_full_disk_is_one_line_and_leaves_no_partial_file(tmp_path: Path, trouble: str, says: str) -> None:
    prelude = (
        "import errno, os\n"
        f"def refuse(*_): raise OSError(errno.{trouble}, os.strerror(errno.{trouble}))\n"
        "os.fsync = refuse"
    )
    done = run("--out", str(tmp_path), prelude=prelude)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == f"error: {tmp_path / 'portrait.png'}: {says}"
    assert list(tmp_path.iterdir()) == []


def test_read_only_folder_is_one_line_naming_the_picture(tmp_path: Path) -> None:
    prelude = (
        "import errno, os, pathlib\n"
        "def opened(self, *modes, real=pathlib.Path.open, **more):\n"
        "    if 'portrait' not in self.name: return real(self, *modes, **more)\n"
        "    raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(self))\n"
        "pathlib.Path.open = opened"
    )
    done = run("--out", str(tmp_path), prelude=prelude)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == f"error: {tmp_path / 'portrait.png'}: Permission denied"


def test_disk_full_at_the_result_leaves_no_partial_result(tmp_path: Path) -> None:
    prelude = QUICK + (
        "import errno, os\n"
        "fsync, calls = os.fsync, []\n"
        "def refuse(handle):\n"
        "    calls.append(handle)\n"
        "    if len(calls) > 3: raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))\n"
        "    fsync(handle)\n"
        "os.fsync = refuse"
    )
    done = run("--out", str(tmp_path), prelude=prelude)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert re.fullmatch(
        r"error: \S+: ([0-9a-f]{32})-1 cannot be stored: No space left on device \[task \1\]", last
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mask.png", "portrait.png", "reference.png"]
