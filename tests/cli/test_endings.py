"""How commands end badly: a line for each thing at fault, an exit code, the task's id, no traceback."""

import sys
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kie_ideogram._runtime.cli.output import Terminal
from kie_ideogram._runtime.core.effects import Effect, SendRequest
from kie_ideogram._runtime.http.transport.blocking import SyncTransport
from kie_ideogram._runtime.testing.fake_service.files import StoredFile
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, Done, edit
from tests.pictures.support import Files, mask
from tests.pictures.test_save import Dying, served_by, serving

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """A host that takes a request and hangs up in the middle of its answer."""
    with serving(Dying) as url:
        yield url


def failed(done: Done, code: int, *starts: str) -> None:
    assert done.code == code
    assert done.out == ""
    lines = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert len(lines) == len(starts), done.err
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(f"error: {start}"), line
    assert "Traceback" not in done.err


def test_wrong_input_is_2_with_a_line_for_each_fault_and_nothing_sent(
    sandbox: Sandbox, cli: Command, files: Files
) -> None:
    before = len(sandbox.calls)
    other = files.add("other.png", mask(size=(59, 40)))
    done = cli(*edit(files, mask=other, prompt="x" * 5001))
    says = "mask: is 59x40 pixels, but image is 60x40; they must be equal"
    failed(done, 2, says, "prompt: has 5001 characters")
    assert len(sandbox.calls) == before


def test_a_second_reference_is_2(cli: Command, files: Files) -> None:
    done = cli(*edit(files, "--reference", files.image))
    failed(done, 2, "reference: 2 were given, but the service uses 1")


@pytest.mark.parametrize(
    "arguments", [["edit"], ["edit", "--styl", "AUTO"], ["nothing"], ["status"], ["credits", "more"]]
)
def test_wrong_usage_is_2(bare: Command, arguments: list[str]) -> None:
    done = bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: kie-ideogram" in done.err


def test_a_time_that_is_none_is_2_before_anything_is_paid(
    sandbox: Sandbox, cli: Command, files: Files
) -> None:
    before = len(sandbox.calls)
    failed(cli(*edit(files, "--timeout", "nan")), 2, "timeout: must be a number of seconds")
    assert len(sandbox.calls) == before


def test_a_failed_task_is_3_with_its_id(sandbox: Sandbox, cli: Command, files: Files) -> None:
    sandbox.fail_next(msg="No face.")
    done = cli(*edit(files))
    failed(done, 3, "the task failed, GENERATION_FAILED: No face.")
    assert sandbox.charges[-1].task_id in done.err.splitlines()[-1]


def test_a_task_that_takes_too_long_is_4_with_its_id(
    bare: Command, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(scale=1000) as slow:
        monkeypatch.setenv("KIE_API_KEY", slow.keys[0])
        servers = ["--base-url", slow.url, "--upload-base-url", slow.url]
        done = bare(*edit(files, "--timeout", 0, *servers))
        failed(done, 4, "the task has not ended in time")
        assert slow.charges[-1].task_id in done.err.splitlines()[-1]


def test_a_create_whose_answer_is_lost_is_5(
    sandbox: Sandbox, bare: Command, files: Files, hanging_up: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
    done = bare(*edit(files, "--base-url", hanging_up, "--upload-base-url", sandbox.url))
    failed(done, 5, "the task may exist and may have been charged")


def test_a_refusal_is_6(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    failed(cli("status", "nothing"), 6, "code 422")
    monkeypatch.setenv("KIE_API_KEY", "wrong")
    failed(cli("credits"), 6, "code 401")


def test_no_network_is_7(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", "k")
    failed(bare("credits", "--base-url", CLOSED), 7, "nothing was sent: no connection")


def test_a_full_disk_is_8_with_the_tasks_id_and_nothing_half_written(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = cli(*edit(files, "-o", tmp_path / "out"))
    failed(done, 8, str(tmp_path / "out"))
    assert "No space left on device" in done.err
    assert sandbox.charges[-1].task_id in done.err.splitlines()[-1]
    assert list((tmp_path / "out").iterdir()) == []


def test_a_network_that_dies_in_the_middle_of_a_picture_is_8_with_the_tasks_id(
    sandbox: Sandbox,
    cli: Command,
    files: Files,
    tmp_path: Path,
    hanging_up: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(StoredFile, "url", served_by(hanging_up))
    done = cli(*edit(files, "-o", tmp_path / "out"))
    failed(done, 8, "gave up after 5 attempts")
    assert sandbox.charges[-1].task_id in done.err.splitlines()[-1]
    assert list((tmp_path / "out").iterdir()) == []


def test_ctrl_c_says_whether_a_task_may_have_been_created(
    sandbox: Sandbox, cli: Command, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform = SyncTransport._perform

    def interrupt_at(path: str) -> None:
        def performed(self: SyncTransport, effect: Effect) -> object:
            outcome = perform(self, effect)
            if isinstance(effect, SendRequest) and path in str(effect.build().url):
                raise KeyboardInterrupt
            return outcome

        monkeypatch.setattr(SyncTransport, "_perform", performed)

    interrupt_at("file-stream-upload")
    done = cli(*edit(files))
    assert (done.code, done.out) == (130, "")
    assert done.err.splitlines()[-1] == "interrupted; no task was created"

    before = len(sandbox.charges)
    interrupt_at("createTask")
    done = cli(*edit(files, "--idempotency-key", "order-17"))
    assert (done.code, done.out) == (130, "")
    servers = f"--base-url {sandbox.url} --upload-base-url {sandbox.url}"
    assert done.err.splitlines()[-1] == (
        "interrupted while the task was created: it may exist and be paid for; this goes on with it, or says "
        f"that nobody knows: kie-ideogram resume {servers} --journal {tmp_path / 'journal.db'}"
    )
    assert len(sandbox.charges) == before + 1
    told = cli("unknown")
    assert (told.code, "order-17" in told.out) == (5, True)


def test_no_key_is_1_and_says_where_to_put_it(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIE_API_KEY", raising=False)
    failed(bare("credits"), 1, "no API key: set the environment variable KIE_API_KEY")


def test_a_base_url_that_is_none_is_2(bare: Command) -> None:
    done = bare("credits", "--base-url", "nowhere")
    assert done.code == 2
    assert "--base-url: 'nowhere' needs http:// or https://" in done.err


@pytest.mark.parametrize("argument", ["nothing.png", "."])
def test_an_upload_that_cannot_be_read_is_2(cli: Command, argument: str) -> None:
    failed(cli("upload", argument), 2, f"file: {argument}: ")
    failed(cli("upload", argument, "--form", "base64"), 2, f"file: {argument}: ")


def test_a_callback_that_cannot_be_read_is_2(bare: Command, tmp_path: Path) -> None:
    signed = ["--signature", "x", "--timestamp", "1", "--secret-file", tmp_path / "nothing"]
    failed(bare("verify-callback", tmp_path / "body", *signed), 2, "secret_file: ")


def test_a_result_that_cannot_be_printed_still_names_its_task(
    cli: Command, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(self: Terminal, data: Any, lines: Any) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(Terminal, "result", full)
    done = cli(*edit(files, "-o", tmp_path / "out"))
    failed(done, 8, "the output: No space left on device")
    (line,) = [line for line in done.err.splitlines() if "is there; see: kie-ideogram status" in line]
    assert list((tmp_path / "out").glob(f"{line.split()[1]}-1.*"))


def test_a_folder_that_cannot_hold_the_journal_is_10(
    cli: Command, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.delenv("KIE_JOURNAL")
    monkeypatch.setattr("typer.get_app_dir", lambda name: str(tmp_path / "file" / name))
    failed(cli(*edit(files)), 10, f"{tmp_path / 'file'}/kie-ideogram: the journal's folder cannot be made")


def test_an_empty_path_is_called_so(cli: Command, files: Files) -> None:
    failed(cli(*edit(files, image="")), 2, "image: expected a path, got an empty text")


def test_an_interruption_before_anything_is_loaded_is_130(
    bare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise KeyboardInterrupt

    name = "kie_ideogram._runtime.cli.app"
    monkeypatch.setitem(sys.modules, name, Interrupted(name))
    assert bare("credits") == (130, "", "")
