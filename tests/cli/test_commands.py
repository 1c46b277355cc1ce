"""Each command, its result on stdout and everything else on stderr."""

import json
import os
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

from kie_ideogram import Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, edit, succeed
from tests.pictures.support import Files, picture

BODY = json.dumps(
    {
        "code": 200,
        "msg": "Playground task completed successfully.",
        "data": {"taskId": "task_ideogram_1765179908063", "state": "success"},
    }
)
SIGNATURE = "FJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvU="  # of the vector published with the algorithm


@pytest.fixture
def settled(sandbox: Sandbox, files: Files) -> str:
    """The id of a succeeded task."""
    return succeed(sandbox, files)


def test_edit_prints_paths_and_plain_steps(cli: Command, files: Files, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = cli(*edit(files, "--num-images", 2, "--repaint", "black", "-o", out))
    assert done.code == 0
    paths = [Path(line) for line in done.out.splitlines()]
    assert [path.suffix for path in paths] == [".png", ".png"]
    task_id = paths[0].name.removesuffix("-1.png")
    assert sorted(out.iterdir()) == sorted([*paths, out / f"{task_id}.json"])
    lines = done.err.splitlines()
    assert {f"uploading {name}" for name in ("image", "mask", "reference")} <= set(lines)
    assert lines.index("creating the task") + 1 == lines.index(f"task {task_id}: waiting")
    assert f"task {task_id}: success" in lines
    assert re.fullmatch(r"finished in \d+ s; cost: 36 credits, about USD 0.18", lines[-1])
    assert "\x1b" not in done.out + done.err


def test_edit_json_prints_one_document(cli: Command, files: Files, tmp_path: Path) -> None:
    done = cli(*edit(files, "--json", "-o", tmp_path / "out"))
    document = json.loads(done.out)
    assert document["task"]["state"] == "success"
    assert [Path(path).exists() for path in document["paths"]] == [True]
    assert document["request"]["input"]["prompt"] == "a smile"
    assert [one["argument"] for one in document["pictures"]] == ["image", "mask", "reference"]


def test_each_field_option_reaches_the_request(cli: Command, files: Files) -> None:
    options = ["--rendering-speed", "TURBO", "--style", "FICTION", "--no-expand-prompt", "--num-images", 3]
    more = ["--seed", 7, "--call-back-url", "http://127.0.0.1:9/back", "--dry-run"]
    request = json.loads(cli(*edit(files, *options, *more)).out)
    assert request["callBackUrl"] == "http://127.0.0.1:9/back"
    given = {name: value for name, value in request["input"].items() if not name.endswith(("url", "urls"))}
    assert given == {
        "prompt": "a smile",
        "rendering_speed": "TURBO",
        "style": "FICTION",
        "expand_prompt": False,
        "num_images": "3",
        "seed": 7,
    }


def test_dry_run_prints_request_and_sends_nothing(sandbox: Sandbox, cli: Command, files: Files) -> None:
    before = len(sandbox.calls)
    done = cli(*edit(files, "--dry-run", "--repaint", "white"))
    assert (done.code, len(sandbox.calls)) == (0, before)
    assert json.loads(done.out)["input"]["mask_url"].startswith("urn:sha256:")
    assert "image: image.png, image/png, 60x40 pixels" in done.err
    assert "68.8% of it to be repainted" in done.err
    assert "  black and white exchanged" in done.err
    assert "cost: 18 credits, about USD 0.09; nothing was sent" in done.err
    as_json = json.loads(cli(*edit(files, "--dry-run", "--json")).out)
    assert as_json["credits"] == 18
    assert as_json["pictures"][1]["black"] == pytest.approx(0.3125)


@pytest.mark.parametrize("number", [1, 4])
def test_contact_sheet_shows_labelled_panels(cli: Command, files: Files, tmp_path: Path, number: int) -> None:
    done = cli(*edit(files, "--contact-sheet", "--repaint", "black", "--num-images", number, "-o", tmp_path))
    *results, sheet = map(Path, done.out.splitlines())
    assert (len(results), sheet.name) == (number, results[0].name.replace("-1.png", "-sheet.png"))
    drawn = Image.open(sheet).convert("RGB")
    # Each panel is 540x360, as the pictures are 60x40; one row of four, or inputs above results.
    rows, across = (1, 4) if number == 1 else (2, 4)
    prompt = 24 + 16  # a line above the panels
    assert drawn.size == (16 + across * (540 + 16), prompt + 16 + rows * (360 + 34 + 32))

    def pixel(panel: int, x: float, y: float, row: int = 0) -> tuple[int, ...]:
        found = drawn.getpixel((16 + panel * 556 + round(x * 540), prompt + 16 + row * 426 + round(y * 360)))
        assert isinstance(found, tuple)
        return found

    def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12

    inside, outside = (0.5, 0.3), (0.9, 0.2)  # of the mask's black rectangle
    assert near(pixel(0, *outside), (210, 180, 140))  # tan, as drawn
    assert near(pixel(1, *outside), pixel(0, *outside))
    assert pixel(1, *inside)[0] > pixel(1, *inside)[1] + 60  # tinted red
    assert near(pixel(2, *outside), (0, 0, 128))  # navy, as drawn
    first = (3, 0) if number == 1 else (0, 1)
    assert near(pixel(first[0], *outside, row=first[1]), pixel(0, *outside))
    assert not near(pixel(first[0], *inside, row=first[1]), pixel(0, *inside))
    for panel in range(3):
        label = drawn.crop((16 + panel * 556, prompt + 378, 16 + panel * 556 + 540, prompt + 410))
        assert len(label.getcolors() or ()) > 2


def test_contact_sheet_of_urls_has_placeholders(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path
) -> None:
    with sandbox.client() as kie:
        image = kie.files.upload(files.image).download_url
    done = cli(*edit(files, "--contact-sheet", "-o", tmp_path, image=image))
    assert done.code == 0
    sheet = Image.open(done.out.splitlines()[-1]).convert("RGB")
    assert sheet.getpixel((100, 100)) == (0xE8, 0xE5, 0xE0)


def test_status_prints_the_task(cli: Command, settled: str) -> None:
    done = cli("status", settled)
    assert done.code == 0
    assert f"id         {settled}" in done.out
    assert "state      success" in done.out
    assert re.search(r"^expires    20", done.out, re.MULTILINE)
    assert json.loads(cli("status", settled, "--json").out)["state"] == "success"


def test_status_of_a_failed_task_exits_0(sandbox: Sandbox, cli: Command, files: Files) -> None:
    sandbox.fail_next(msg="No face.")
    cli(*edit(files))
    done = cli("status", sandbox.charges[-1].task_id)
    assert done.code == 0
    assert "No face." in done.out


def test_wait_saves_the_task(cli: Command, settled: str, tmp_path: Path) -> None:
    done = cli("wait", settled, "--save-to", tmp_path / "out")
    assert done.out == f"{tmp_path / 'out' / settled}-1.png\n"
    assert f"task {settled}: success" in done.err
    assert "state      success" in cli("wait", settled).out
    assert json.loads(cli("wait", settled, "--json").out)["paths"] == []


def test_download_saves_the_task_without_overwriting(cli: Command, settled: str, tmp_path: Path) -> None:
    done = cli("download", settled, "-o", tmp_path / "out")
    assert (done.code, done.out) == (0, f"{tmp_path / 'out' / settled}-1.png\n")
    path = Path(done.out.strip())
    path.write_bytes(b"mine")
    assert cli("download", settled, "-o", tmp_path / "out").code == 8
    assert path.read_bytes() == b"mine"
    assert cli("download", settled, "-o", tmp_path / "out", "--overwrite").code == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_upload_accepts_files_urls_and_base64(cli: Command, files: Files) -> None:
    first = cli("upload", files.image, files.mask).out.split()
    assert [httpx.get(url).content for url in first] == [
        files.image.read_bytes(),
        files.mask.read_bytes(),
    ]
    (text,) = cli("upload", files.image, "--form", "base64").out.split()
    (copy,) = cli("upload", first[0]).out.split()
    assert httpx.get(text).content == httpx.get(copy).content == picture()
    (stored,) = json.loads(cli("upload", files.image, "--json").out)
    assert stored["fileSize"] == len(picture())


def test_credits_prints_the_balance(sandbox: Sandbox, cli: Command) -> None:
    assert cli("credits").out == f"{sandbox.balance:g}\n"
    assert json.loads(cli("credits", "--json").out) == {"credits": sandbox.balance}


@pytest.fixture
def callback(tmp_path: Path) -> list[object]:
    """A genuine callback, as old as the published vector."""
    (tmp_path / "body.json").write_text(BODY)
    (tmp_path / "key").write_text("kie-test-hmac-key\n")
    signed = ["--signature", SIGNATURE, "--timestamp", "1769670760"]
    return ["verify-callback", tmp_path / "body.json", *signed, "--secret-file", tmp_path / "key"]


def test_genuine_callback_prints_its_task(bare: Command, callback: list[object]) -> None:
    done = bare(*callback, "--tolerance", 1e12)
    assert (done.code, done.err) == (0, "")
    assert "id         task_ideogram_1765179908063" in done.out


def test_stale_or_forged_callback_exits_9(bare: Command, callback: list[object], tmp_path: Path) -> None:
    stale = bare(*callback)
    assert (stale.code, stale.out) == (9, "")
    assert stale.err.startswith("error: stale: signed")
    (tmp_path / "key").write_text("another")
    assert bare(*callback, "--tolerance", 1e12) == (9, "", "error: the signature does not match\n")


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (".", "is a folder; the journal is a file, such as"),
        ("file/journal.db", "/file is not a folder; use a file in a folder"),
        ("nope/journal.db", "/nope does not exist; create it"),
        ("/proc/nope/j.db", "the folder /proc/nope does not exist; create it"),
        ("pipe", "is not a regular file; the journal is one"),
        ("file", "the journal is empty"),
    ],
)
def test_journal_that_cannot_be_used_is_explained(
    cli: Command, tmp_path: Path, files: Files, place: str, found: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "file-locks").mkdir()
    os.mkfifo(tmp_path / "pipe")
    journal = tmp_path / place
    done = cli("doctor", "--journal", journal)
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("problem")]
    assert line.startswith(f"problem  journal: {journal.resolve()}: ")
    assert found in line
    assert line.endswith("; use --journal PATH, or set KIE_JOURNAL to a file")
    assert done.out.splitlines()[-1] == "next: kie-ideogram doctor --journal ./journal.db"
    done = cli(*edit(files, "--journal", journal))
    assert (done.code, found in done.err, "free some space" in done.err) == (10, True, False)


def test_version_is_printed(bare: Command) -> None:
    assert bare("--version") == (0, f"kie-ideogram {CONTRACT.version}\n", "")


def test_dry_run_needs_no_key_and_no_journal(
    cli: Command, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KIE_API_KEY")
    done = cli(*edit(files), "--dry-run")
    assert done.code == 0
    assert '"model": "ideogram/character-edit"' in done.out
    assert not (tmp_path / "journal.db").exists()


def test_wait_reports_a_failed_poll(cli: Command, sandbox: Sandbox, settled: str) -> None:
    # The first read is not a poll.
    sandbox.play([{"call": "getTask"}, {"call": "getTask", "page": "proxy-502"}])
    done = cli("wait", settled)
    assert done.code == 0
    (line,) = [line for line in done.err.splitlines() if "retrying" in line]
    assert line.startswith(f"task {settled}: poll failed, retrying: ")


def test_key_is_not_in_any_output(
    cli: Command, files: Files, settled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "a-key-to-hide")
    for arguments in (["credits"], ["doctor"], ["status", settled], edit(files), ["upload", files.image]):
        done = cli(*arguments)
        assert done.code != 0
        assert "key-to-hide" not in done.out + done.err


def test_package_uses_the_rendered_client() -> None:
    from kie_ideogram.__main__ import package

    with package().client("offline") as kie:
        assert isinstance(kie, Kie)
