"""The command `kie-ideogram sandbox`, as a process."""

import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kie_ideogram import Kie
from tests.sandbox.support import mask, picture

COMMAND = [str(Path(sysconfig.get_path("scripts"), "kie-ideogram")), "sandbox"]
MODULE = [sys.executable, "-W", "error", "-m", "kie_ideogram", "sandbox"]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the first line that it prints."""
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize(("command", "number"), [(COMMAND, signal.SIGTERM), (MODULE, signal.SIGINT)])
def test_command_prints_its_url_and_stops_on_a_signal(command: list[str], number: signal.Signals) -> None:
    with running(*command, "--key", "mine", "--balance", "5") as (process, url):
        with Kie("mine", base_url=url, upload_base_url=url) as kie:
            assert kie.credits.get() == 5
            process.send_signal(number)
            output, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert output == ""
        assert errors == (
            "to use it in another terminal, from this command line or from Python:\n"
            "  export KIE_API_KEY=mine\n"
            f"  export KIE_BASE_URL={url}\n"
            f"  export KIE_UPLOAD_BASE_URL={url}\n"
            f"its tasks and files are shown at {url}/. Press Ctrl-C to stop.\n"
        )
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([*MODULE, *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_port_in_use_is_one_line_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        expected = f"error: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
        assert run("--port", str(port)) == (1, "", expected)


def test_host_beyond_this_machine_is_one_line() -> None:
    code, output, errors = run("--host", "0.0.0.0")  # noqa: S104 # what must be refused
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("error: --host: '0.0.0.0' is not a loopback address")


def test_allowed_host_reaches_the_sandbox() -> None:
    with running(*MODULE, "--host", "0.0.0.0", "--allowed-host", "box.example") as (_, url):  # noqa: S104 # the case under test
        address = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 # the address that was asked for
        reached = httpx.get(address, headers={"Host": "box.example"}).status_code
        other = httpx.get(address, headers={"Host": "other.example"}).status_code
    assert (reached < 400, other >= 400) == (True, True)


@pytest.mark.parametrize("number", ["inf", "nan"])
@pytest.mark.parametrize("option", ["scale", "balance"])
def test_infinite_number_is_one_line(option: str, number: str) -> None:
    code, out, err = run(f"--{option}", number)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"Error: Invalid value: --{option}: must be a finite number, got {number}"


def test_full_output_device_is_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(MODULE, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (8, "error: the output: No space left on device\n")


def test_command_stops_while_a_receiver_does_not_answer() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as dead,
        running(*MODULE, "--scale", "0") as (process, url),
        Kie("sandbox", base_url=url, upload_base_url=url) as kie,
    ):
        image, shape = (kie.files.upload(content, file_name="a.png") for content in (picture(), mask()))
        kie.character_edit.create(
            prompt="a smile",
            image_url=image.download_url,
            mask_url=shape.download_url,
            reference_image_urls=[image.download_url],
            call_back_url=f"http://127.0.0.1:{dead.getsockname()[1]}/",
        )
        connection, _ = dead.accept()
        with connection:
            process.terminate()
            # Far below the 15 seconds for which a callback waits for its answer.
            assert process.wait(10) == 0


def test_invalid_port_is_refused() -> None:
    code, output, errors = run("--port", "65536")
    assert (code, output) == (2, "")
    assert "65536 is not in the range" in errors


@pytest.mark.parametrize(("command", "extra"), [("status", "cli"), ("sandbox", "sandbox")])
def test_missing_library_prints_the_install_command(command: str, extra: str) -> None:
    script = "import sys; sys.modules['typer'] = None; from kie_ideogram.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: typer is not installed; run: pip install 'kie-ideogram[{extra}]'\n"
