"""How commands fail: one line per fault, an exit code, the task's id, and no traceback."""

import json
import re
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.cli.conftest import Command, Done, edit, last_command
from tests.money.support import KEY
from tests.pictures.support import Files, mask

CLOSED = "http://127.0.0.1:9"


def failed(done: Done, code: int, *starts: str) -> None:
    assert done.code == code
    assert done.out == ""
    lines = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert len(lines) == len(starts), done.err
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(f"error: {start}"), line
    assert "Traceback" not in done.err


def test_wrong_input_exits_2_with_a_line_per_fault(sandbox: Sandbox, cli: Command, files: Files) -> None:
    before = len(sandbox.calls)
    other = files.add("other.png", mask(size=(59, 40)))
    done = cli(*edit(files, mask=other, prompt="x" * 5001))
    failed(
        done,
        2,
        "--mask: is 59x40 pixels, but image is 60x40; they must be equal",
        "--prompt: 5,001 characters, at most 5,000",
    )
    assert len(sandbox.calls) == before


def test_second_reference_exits_2(cli: Command, files: Files) -> None:
    done = cli(*edit(files, "--reference", files.image))
    failed(done, 2, "--reference: 2 were given, but the service uses 1")


@pytest.mark.parametrize(
    "arguments", [["edit"], ["edit", "--styl", "AUTO"], ["nothing"], ["status"], ["credits", "more"]]
)
def test_wrong_usage_exits_2(bare: Command, arguments: list[str]) -> None:
    done = bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: kie-ideogram" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["edit", "--job", "order-17"], "--job was renamed to --idempotency-key"),
        (["edit", "--key", "order-17"], "--key was renamed to --idempotency-key"),
        (["verify-callback", "x", "--key-file", "y"], "--key-file was renamed to --secret-file"),
        (["adopt", "order-17", "task", "--json"], "`adopt` was renamed to `attach`"),
        (["adopt"], "`adopt` was renamed to `attach`"),
        (["alarms"], "`alarms` was renamed to `unknown`"),
        (["finish", "task"], "`finish` was renamed to `mark-done`"),
    ],
)
def test_former_name_exits_2_with_the_new_name(
    bare: Command, files: Files, arguments: list[str], message: str
) -> None:
    if arguments[0] == "edit":
        arguments = [*map(str, edit(files)), *arguments[1:]]
    done = bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("value", ["nan", "1e400", "-inf"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["edit"], "--timeout"),
        (["edit", "--dry-run"], "--timeout"),
        (["wait", "task"], "--timeout"),
        (["resume"], "--timeout"),
        (["sandbox"], "--balance"),
        (["sandbox"], "--scale"),
        (["verify-callback", "x", "--signature", "s", "--timestamp", "1"], "--tolerance"),
    ],
)
def test_number_that_is_not_finite_exits_2_and_sends_nothing(
    sandbox: Sandbox, bare: Command, files: Files, command: list[str], option: str, value: str
) -> None:
    before = len(sandbox.calls)
    words = [*map(str, edit(files)), *command[1:]] if command[0] == "edit" else command
    done = bare(*words, option, value)
    assert (done.code, done.out) == (2, "")
    printed = " ".join(done.err.replace("\u2502", "").split())
    assert f"{option}: must be a finite number, got " in printed or f"Invalid value for '{option}'" in printed
    assert len(sandbox.calls) == before


@pytest.mark.parametrize(
    "command",
    [["edit"], ["edit", "--dry-run"], ["wait", "task"], ["download", "task"], ["resume"]],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["file", "file/out"])
def test_folder_that_is_a_file_exits_2_and_sends_nothing(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path, command: list[str], place: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    before = len(sandbox.calls)
    words = [*map(str, edit(files)), *command[1:]] if command[0] == "edit" else command
    done = cli(*words, "--save-to", tmp_path / place)
    failed(done, 2, f"--save-to: {tmp_path / place}: {tmp_path / 'file'} is a file, not a folder")
    assert len(sandbox.calls) == before


def test_failed_task_exits_3_with_its_id(sandbox: Sandbox, cli: Command, files: Files) -> None:
    sandbox.fail_next(msg="No face.")
    done = cli(*edit(files))
    failed(done, 3, "the task failed, GENERATION_FAILED: No face.")
    assert sandbox.charges[-1].task_id in done.err.splitlines()[-1]
    assert "to continue" not in done.err


def test_timeout_exits_4_and_prints_a_command_that_continues(
    bare: Command, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out, clock = tmp_path / "out", VirtualClock()
    with Sandbox(keys=[KEY], clock=clock) as slow:
        monkeypatch.setenv("KIE_API_KEY", KEY)
        monkeypatch.setenv("KIE_BASE_URL", slow.url)
        monkeypatch.setenv("KIE_UPLOAD_BASE_URL", slow.url)
        done = bare(*edit(files, "--timeout", 60, "-o", out, "--contact-sheet", "--repaint", "black"))
        failed(done, 4, "the task has not ended in time")
        task_id = slow.charges[-1].task_id
        start = f"task {task_id} is paid for; to continue: kie-ideogram edit "
        assert done.err.splitlines()[-1].startswith(start)
        continuation = last_command(done.err, "edit")
        assert "--timeout" not in continuation
        clock.advance(3600)
        again = bare(*continuation)
        assert again.out.splitlines() == [f"{out / task_id}-1.png", f"{out / task_id}-sheet.png"]
        assert len(slow.charges) == 1


def test_timeout_before_the_submission_exits_4(sandbox: Sandbox, cli: Command, files: Files) -> None:
    before = len(sandbox.charges)
    failed(cli(*edit(files, "--timeout", 0)), 4, "timed out after 0 s")
    assert len(sandbox.charges) == before


def test_lost_answer_of_a_submission_exits_5(sandbox: Sandbox, cli: Command, files: Files) -> None:
    sandbox.play([{"call": "createTask", "lose": True}])
    done = cli(*edit(files, "--idempotency-key", "order-17"))
    failed(done, 5, "the task may exist and may have been charged")
    listed = cli(*last_command(done.err, "unknown"))
    assert (listed.code, listed.out.split()[0]) == (5, "order-17")


def test_refusal_exits_6(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    failed(cli("status", "nothing"), 6, "code 422")
    monkeypatch.setenv("KIE_API_KEY", "wrong")
    failed(cli("credits"), 6, "code 401")


@pytest.mark.parametrize("command", ["wait", "download"])
def test_unknown_task_is_not_called_paid_for(cli: Command, command: str) -> None:
    done = cli(command, "nothing")
    failed(done, 6, "code 422")
    assert "paid for" not in done.err


def test_no_network_exits_7(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", "k")
    done = bare("credits", "--base-url", CLOSED, "--upload-base-url", CLOSED)
    failed(done, 7, "nothing was sent: no connection")
    assert done.err.splitlines()[-1].endswith("; check --base-url, which replaces https://api.kie.ai")


def test_unreachable_upload_server_takes_two_lines(
    sandbox: Sandbox, bare: Command, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
    done = bare(*edit(files, "--repaint", "black"), "--base-url", sandbox.url, "--upload-base-url", CLOSED)
    shown = [line for line in done.err.splitlines() if "no connection" in line]
    retry, error = shown
    assert (done.code, "; retrying in " in retry) == (7, True)
    assert error.startswith("error: ")
    assert error.endswith("; check --upload-base-url, which replaces https://kieai.redpandaai.co")


def test_first_retry_of_each_call_is_printed(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path
) -> None:
    sandbox.play(
        [
            {"call": "createTask", "status": 429, "code": 429, "times": 2},
            {"call": "uploadFile", "page": "proxy-502"},
            {"call": "files", "status": 503},
        ]
    )
    done = cli(*edit(files, "-o", tmp_path / "out"))
    assert done.code == 0
    lines = [line for line in done.err.splitlines() if "; retrying in " in line]
    named = [line.partition(":")[0] for line in lines]
    task_id = sandbox.charges[-1].task_id
    assert re.fullmatch(r"uploadFile of (image|mask|reference)\.png", named.pop(0))
    assert named == ["createTask", f"download of {task_id}-1"]


def test_long_waits_are_always_printed(sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path) -> None:
    sandbox.play(
        [{"call": "createTask", "status": 429, "code": 429, "times": 3, "headers": {"Retry-After": "7"}}]
    )
    done = cli(*edit(files, "-o", tmp_path / "out"))
    assert done.err.count("retrying in 7.0 s") == 3


def test_full_disk_exits_8_and_leaves_no_partial_file(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path, break_call: Callable[..., None]
) -> None:
    break_call(ENOSPC, "os.fsync")
    done = cli(*edit(files, "-o", tmp_path / "out"))
    failed(done, 8, str(tmp_path / "out"))
    assert "No space left on device" in done.err
    assert sandbox.charges[-1].task_id in done.err.splitlines()[-1]
    assert list((tmp_path / "out").iterdir()) == []


def test_cut_download_exits_8_and_the_next_run_completes(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path
) -> None:
    sandbox.play([{"call": "files", "cut": 40, "times": 5}])
    done = cli(*edit(files, "-o", tmp_path / "out"))
    failed(done, 8, "gave up after 5 attempts")
    task_id = sandbox.charges[-1].task_id
    assert task_id in done.err.splitlines()[-1]
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == [f"{task_id}-1.png.partial", f"{task_id}.json"]
    before = len(sandbox.charges)
    again = cli(*last_command(done.err, "edit"))
    assert again.out == f"{tmp_path / 'out' / task_id}-1.png\n"
    assert len(sandbox.charges) == before


def test_existing_file_names_the_option_to_overwrite(cli: Command, files: Files, tmp_path: Path) -> None:
    (path,) = cli(*edit(files, "--idempotency-key", "one", "-o", tmp_path)).out.splitlines()
    Path(path).write_bytes(b"mine")
    done = cli(*edit(files, "--idempotency-key", "one", "-o", tmp_path))
    assert (done.code, "--overwrite" in done.err, "overwrite=" in done.err) == (8, True, False)


@pytest.mark.parametrize("command", ["credits", "edit"])
def test_missing_key_exits_1_and_names_page_and_sandbox(
    bare: Command, files: Files, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("KIE_API_KEY", raising=False)
    done = bare(*(edit(files) if command == "edit" else [command]))
    failed(done, 1, "no API key: set the environment variable KIE_API_KEY. ")
    assert "https://kie.ai/api-key" in done.err
    assert "`kie-ideogram sandbox`" in done.err
    assert "api_key=" not in done.err


def test_invalid_base_url_exits_2(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    done = bare("credits", "--base-url", "nowhere")
    assert done.code == 2
    assert "--base-url: 'nowhere' needs http:// or https://" in done.err
    monkeypatch.setenv("KIE_UPLOAD_BASE_URL", "elsewhere")
    assert "--upload-base-url: 'elsewhere' needs" in bare("credits").err


def test_server_that_is_left_unchanged_exits_2(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    done = bare("credits", "--base-url", CLOSED)
    assert done.code == 2
    printed = " ".join(done.err.split())
    assert (
        f"--upload-base-url: --base-url is {CLOSED}, but the upload server is still https://kieai." in printed
    )
    assert "Pass --upload-base-url or set KIE_UPLOAD_BASE_URL" in printed
    monkeypatch.setenv("KIE_BASE_URL", CLOSED)
    assert bare("sandbox", "--port", "70000").err.count("KIE_UPLOAD_BASE_URL") == 0


@pytest.mark.parametrize("argument", ["nothing.png", "."])
def test_unreadable_upload_exits_2(cli: Command, argument: str) -> None:
    failed(cli("upload", argument), 2, f"PATH: {argument}: ")
    failed(cli("upload", argument, "--form", "base64"), 2, f"PATH: {argument}: ")


def test_upload_checks_all_files_before_the_first(sandbox: Sandbox, cli: Command, files: Files) -> None:
    before = len(sandbox.calls)
    done = cli("upload", files.image, "missing.png", "nothing.png")
    assert (done.code, done.out) == (2, "")
    assert [line.split(": ")[2] for line in done.err.splitlines()] == ["missing.png", "nothing.png"]
    assert len(sandbox.calls) == before


@pytest.mark.parametrize("as_json", [False, True])
def test_upload_that_fails_prints_what_was_uploaded(
    sandbox: Sandbox, cli: Command, files: Files, as_json: bool
) -> None:
    done = cli("upload", files.image, "http://127.0.0.1:9/nothing.png", *(["--json"] if as_json else []))
    assert done.code not in (0, 2)
    urls = [one["downloadUrl"] for one in json.loads(done.out)] if as_json else done.out.splitlines()
    assert [url.startswith(sandbox.url) for url in urls] == [True]


def test_unreadable_callback_exits_2(bare: Command, tmp_path: Path) -> None:
    signed = ["--signature", "x", "--timestamp", "1"]
    (tmp_path / "secret").write_text("s")
    failed(
        bare("verify-callback", tmp_path / "body", *signed, "--secret-file", tmp_path / "nothing"),
        2,
        "--secret-file: ",
    )
    failed(
        bare("verify-callback", tmp_path / "body", *signed, "--secret-file", tmp_path / "secret"), 2, "PATH: "
    )
    missing = bare("verify-callback", tmp_path / "body", *signed)
    assert (missing.code, "set KIE_CALLBACK_SECRET, or use --secret-file" in missing.err) == (2, True)


def test_uncreatable_journal_folder_exits_10(
    cli: Command, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.delenv("KIE_JOURNAL")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    done = cli(*edit(files))
    failed(done, 10, f"{tmp_path / 'file'}/kie-ideogram: the journal's folder cannot be created")
    assert "--journal PATH" in done.err


def test_empty_path_exits_2(cli: Command, files: Files) -> None:
    failed(cli(*edit(files, image="")), 2, "--image: expected a path, got an empty text")
