"""Scenarios of forks for `test_fork.py`: `python -m tests.client.interruptions.forking SCENARIO JOURNAL`."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from typing import Any

import httpx

from kie_ideogram import Kie

KEY = "kie-test-key-0123456789"
PICTURES: dict[str, Any] = {
    "image_url": "https://example.com/me.png",
    "mask_url": "https://example.com/mask.png",
    "reference_image_urls": ["https://example.com/ref.png"],
}

OPEN_JOURNAL = """
import sys
from kie_ideogram import Kie
with Kie(sys.argv[1], journal=sys.argv[2]) as kie:
    kie.unknown()
"""

_NUMBERS = itertools.count(1)


class Service:
    """Accepts each submission immediately, except one that has to wait."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if b"slow" in request.content:
            self.asked.set()
            self.go.wait(20)
        task_id = f"task-{os.getpid()}-{next(_NUMBERS)}"
        return httpx.Response(200, json={"code": 200, "msg": "success", "data": {"taskId": task_id}})


class Parent:
    """A process with a client."""

    def __init__(self, journal: str) -> None:
        self.service = Service()
        self.journal = journal
        client = httpx.Client(transport=httpx.MockTransport(self.service))
        self.kie = Kie(KEY, journal=journal, http_client=client)
        self._pid = os.getpid()
        self.ended, self.alive = os.pipe()

    def create(self, name: str) -> None:
        """Submit a task."""
        self.kie.character_edit.create(**PICTURES, prompt=name, idempotency_key=name)

    def fork(self) -> int:
        """Fork; returns 0 in the child."""
        child = os.fork()
        os.close(self.ended if child else self.alive)
        return child

    def wait_for_its_end(self) -> None:
        """Wait in the child until the parent has closed all its files."""
        os.read(self.ended, 1)
        # It closes its files one by one. When all are closed, the child has another parent.
        while os.getppid() == self._pid:
            time.sleep(0.01)

    def open_elsewhere(self) -> None:
        """Open and close the journal in another process, as an operator's command does."""
        subprocess.run([sys.executable, "-c", OPEN_JOURNAL, KEY, self.journal], check=True)

    def print_unknown(self) -> None:
        """Print the keys of the unknown submissions."""
        sys.stdout.write(f"{[one.idempotency_key for one in self.kie.unknown()]}\n")
        sys.stdout.flush()


def daemon(parent: Parent) -> None:
    """End the parent first, as a daemon does; the child continues."""
    if parent.fork():
        os._exit(0)
    parent.wait_for_its_end()
    parent.create("parent")
    parent.open_elsewhere()
    parent.create("child")
    parent.create("later")
    parent.kie.close()


def closing(parent: Parent) -> None:
    """Close the client of the parent first; the parent continues."""
    parent.create("parent")
    child = parent.fork()
    if child:
        parent.kie.close()
        os.close(parent.alive)
        assert os.waitpid(child, 0)[1] == 0
        return
    os.read(parent.ended, 1)
    parent.create("child")
    parent.open_elsewhere()
    parent.create("later")
    os._exit(0)


def own(parent: Parent) -> None:
    """Make a second client in the child while the client of the parent is idle."""
    parent.create("parent")
    child = parent.fork()
    if child:
        parent.kie.close()
        os.close(parent.alive)
        assert os.waitpid(child, 0)[1] == 0
        return
    os.read(parent.ended, 1)
    mine = Parent(parent.journal)
    mine.create("child")
    mine.open_elsewhere()
    mine.create("later")
    os._exit(0)


def sending(parent: Parent) -> None:
    """Fork while another thread of the parent sends; later the parent exits."""
    threading.Thread(target=parent.create, args=["slow"], daemon=True).start()
    parent.service.asked.wait(20)
    if parent.fork():
        parent.open_elsewhere()
        parent.print_unknown()
        os._exit(0)
    parent.print_unknown()
    parent.wait_for_its_end()
    while not parent.kie.unknown():
        time.sleep(0.01)  # its other thread may hold the files a moment longer; the alarm ends this
    parent.print_unknown()


def writing(parent: Parent) -> None:
    """Fork while another thread of the parent writes to the journal."""
    held = threading.Event()

    def write() -> None:
        with parent.kie._journal.database.transaction():
            held.set()
            threading.Event().wait(0.3)

    threading.Thread(target=write, daemon=True).start()
    held.wait(20)
    child = parent.fork()
    parent.kie.unknown()
    parent.kie.resume()
    parent.create("parent" if child else "child")
    if child:
        assert os.waitpid(child, 0)[1] == 0
    else:
        os._exit(0)


SCENARIOS: dict[str, Any] = {one.__name__: one for one in (daemon, closing, own, sending, writing)}

if __name__ == "__main__":
    signal.alarm(30)
    # Python warns about forks with threads, which these scenarios are about.
    warnings.simplefilter("ignore", DeprecationWarning)
    SCENARIOS[sys.argv[1]](Parent(sys.argv[2]))
