"""Edit images until killed: `python -m tests.money.worker`, one JSON line on stdin for each run.

Each run is a fork, so that it begins in milliseconds and a kill ends only this run.
"""

import json
import os
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kie_ideogram.resources.batch  # loaded once, before the forks
import kie_ideogram.testing
from kie_ideogram import Kie, errors
from kie_ideogram._runtime.core.effects import SendRequest
from kie_ideogram._runtime.http.transport import blocking as transport
from kie_ideogram._runtime.journal import journal as journal_module
from kie_ideogram._runtime.tasks.results import download as saving
from tests.money.support import CREATE, client, edit

assert kie_ideogram.testing
assert saving

# Seconds after which a run counts as stuck. With more kills there is more work.
LONGEST = 60 + 2 * int(os.environ.get("KILLS", "0"))


def work(kie: Kie, pictures: dict[str, Any], orders: list[str], out: str) -> None:
    """Submit the orders and save the results, as an unattended program does."""
    save_all(kie, out)
    for number, order in enumerate(orders, 1):
        try:
            edit(kie, pictures, order)
        except errors.SubmissionUnknownError:
            continue
        if number % 4 == 0:
            save_all(kie, out)
    save_all(kie, out)


def save_all(kie: Kie, out: str) -> None:
    for task in kie.resume():
        task.wait(timeout=30).save(out)


def end(order: dict[str, Any]) -> None:
    """Kill this process, or stop it once. Delete the locks first if the order requires it."""
    if order.get("sweep") == "at the line":
        sweep(Path(order["journal"]))
    if "pid_file" not in order:
        os.kill(os.getpid(), signal.SIGKILL)
    if not Path(order["pid_file"]).exists():
        Path(order["pid_file"]).write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)


def sweep(journal: Path) -> None:
    """Delete the lock files, as a cleaner of temporary files does, and start another process."""
    shutil.rmtree(f"{journal}-locks")
    starter = os.fork()
    if starter == 0:
        journal_module.Journal(journal).close()
        os._exit(0)
    assert os.waitpid(starter, 0)[1] == 0


def end_at(line: str, after: int, order: dict[str, Any]) -> None:
    """End at a critical line after it was passed `after` times."""
    left = [after]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            end(order)

    perform = transport.SyncTransport._perform

    def performed(self: Any, effect: Any) -> Any:
        create = isinstance(effect, SendRequest) and CREATE in str(effect.build().url)
        if create and line == "after the intent":
            count()
        outcome = perform(self, effect)
        if create and line == "after the answer":
            count()
        return outcome

    def before(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            count()
            return method(*args)

        return call

    transport.SyncTransport._perform = performed  # type: ignore[method-assign] # only in this process
    if line == "after the last poll":
        journal_module.Journal.record_end = before(journal_module.Journal.record_end)  # type: ignore[method-assign] # as above
    if line == "after the file":
        journal_module.Journal.mark_done = before(journal_module.Journal.mark_done)  # type: ignore[method-assign] # as above


def run(order: dict[str, Any]) -> None:
    if "line" in order:
        end_at(order["line"], order["after"], order)
    with client(order["url"], Path(order["journal"])) as kie:
        if order.get("sweep") == "before":
            sweep(Path(order["journal"]))
        if "rows" in order:
            for _ in kie.batch.run(order["rows"], save_to=order["out"], max_cost=order.get("max_cost")):
                pass
        else:
            work(kie, order["pictures"], order["orders"], order["out"])


def fork(order: dict[str, Any], run: Callable[[dict[str, Any]], None] = run) -> str:
    """Run in a fork and return how the run ended. It is killed after `seconds`, or after `LONGEST`.

    `freeze` are the seconds after which it is stopped, and those for which it is.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        status = 1
        try:
            run(order)
            status = 0
        except BaseException as error:
            traceback.print_exception(error)
            status = 2 if isinstance(error, errors.JournalError) else 1
        finally:
            os._exit(status)
    os.close(writing)
    # The pipe ends when the child does.
    after, duration = order.get("freeze", (0, 0))
    if duration and not select.select([reading], [], [], after)[0]:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(duration)
        os.kill(pid, signal.SIGCONT)
    ended, _, _ = select.select([reading], [], [], order.get("seconds", LONGEST))
    if not ended:
        os.kill(pid, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGKILL else "crashed"
    return ["finished", "failed", "JournalError"][os.WEXITSTATUS(status)]


def main(run: Callable[[dict[str, Any]], None] = run) -> None:
    for line in sys.stdin:
        sys.stdout.write(fork(json.loads(line), run) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
