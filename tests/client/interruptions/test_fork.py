"""Forks: parent and child share a client and a journal, and the tasks of both stay known."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram._runtime.core.locks import fork
from kie_ideogram._runtime.journal.journal import Journal
from tests.client.interruptions.forking import KEY

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def play(scenario: str, journal: Path) -> str:
    """Play a scenario in other processes, because a fork of this one, with threads, could hang."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.client.interruptions.forking", scenario, str(journal)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


@pytest.mark.parametrize("scenario", ["daemon", "closing", "own"])
def test_tasks_of_parent_and_child_are_in_the_journal(scenario: str, journal: Path) -> None:
    play(scenario, journal)
    with Kie(KEY, journal=journal) as kie:
        assert len(kie.resume()) == 3
        assert kie.unknown() == []
        found = [
            kie._journal.find(kie._session.server, idempotency_key=key)
            for key in ("parent", "child", "later")
        ]
    assert all(submission and submission.task_id for submission in found)


def test_parents_submission_is_unknown_after_its_exit(journal: Path) -> None:
    first, second, last = play("sending", journal).splitlines()
    assert (first, second, last) == ("[]", "[]", "['slow']")


def test_fork_while_a_thread_writes_blocks_no_process(journal: Path) -> None:
    play("writing", journal)
    with Kie(KEY, journal=journal) as kie:
        assert len(kie.resume()) == 2


def test_journal_is_not_opened_during_a_fork(journal: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with fork._FORK_LOCK:
            begun = pool.submit(Journal, journal)
            with pytest.raises(TimeoutError):
                begun.result(0.1)
            assert not journal.exists()
        begun.result(10).close()
