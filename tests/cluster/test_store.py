"""The journal's state machine holds in every store: one suite for the SQLite file and for PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from kie_ideogram._runtime.core.errors import JournalError
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.submission import Outcome, Submission
from tests.cluster.machines import SERVER, Machines, claim, sending, state


class TestClaim:
    def test_a_key_is_sent_by_one_process_only(self, machines: Machines) -> None:
        journals = [machines.journal() for _ in range(3)]
        start = threading.Barrier(9)

        def compete(number: int) -> str:
            start.wait()
            return claim(journals[number % 3]).decision

        with ThreadPoolExecutor(9) as pool:
            decisions = sorted(pool.map(compete, range(9)))
        assert decisions == ["send"] + ["wait"] * 8

    def test_an_accepted_key_is_known_to_all(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "accepted", "task-1")
        found = claim(second)
        assert (found.decision, found.submission.task_id) == ("known", "task-1")

    def test_a_key_with_another_request_is_refused(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "accepted", "task-1")
        assert claim(second, fingerprint="another").decision == "other-body"

    @pytest.mark.parametrize("outcome", ["refused", "pending"])
    def test_a_refused_key_is_sent_again(self, machines: Machines, outcome: Outcome) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), outcome)
        assert sending(second).attempt == 2

    def test_a_retracted_attempt_is_sent_by_another_process(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.retract(sending(first))
        assert sending(second).attempt == 2

    def test_an_unknown_key_is_sent_only_after_a_confirmation(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "unknown")
        assert [claim(second).decision, claim(second, confirmed_attempt=7).decision] == ["unknown"] * 2
        assert sending(second, confirmed_attempt=1).attempt == 2

    def test_keys_of_two_servers_are_two_submissions(self, machines: Machines) -> None:
        journal = machines.journal()
        journal.conclude(sending(journal), "accepted", "task-1")
        assert journal.find("https://other.test", idempotency_key="k") is None


class TestDeadProcess:
    def test_what_it_was_sending_is_unknown(self, machines: Machines) -> None:
        dead, other = machines.journal(), machines.journal()
        sending(dead)
        assert other.reap_stale() == 0
        machines.kill(dead)
        assert other.reap_stale() == 1
        assert [one.idempotency_key for one in other.unknown(SERVER)] == ["k"]
        assert claim(other).decision == "unknown"

    def test_a_late_answer_counts(self, machines: Machines) -> None:
        frozen, other = machines.journal(), machines.journal()
        attempt = sending(frozen)
        machines.kill(frozen)
        other.reap_stale()
        frozen.conclude(attempt, "accepted", "task-1")
        assert state(other) == ("accepted", "task-1")

    def test_a_late_refusal_settles_it(self, machines: Machines) -> None:
        frozen, other = machines.journal(), machines.journal()
        attempt = sending(frozen)
        machines.kill(frozen)
        other.reap_stale()
        frozen.conclude(attempt, "refused")
        assert sending(other).attempt == 2

    def test_a_late_answer_after_a_confirmed_attempt_is_a_duplicate(self, machines: Machines) -> None:
        frozen, other = machines.journal(), machines.journal()
        attempt = sending(frozen)
        machines.kill(frozen)
        other.reap_stale()
        other.conclude(sending(other, confirmed_attempt=1), "accepted", "task-2")
        frozen.conclude(attempt, "accepted", "task-1")
        assert state(other) == ("accepted", "task-2")
        assert other.duplicate_charges(SERVER) == [("k", "task-1")]

    def test_a_refusal_of_the_second_attempt_leaves_the_first_unknown(self, machines: Machines) -> None:
        dead, other = machines.journal(), machines.journal()
        sending(dead)
        machines.kill(dead)
        other.reap_stale()
        other.conclude(sending(other, confirmed_attempt=1), "refused")
        assert state(other) == ("unknown", None)

    def test_an_outcome_that_is_written_meanwhile_is_kept(self, machines: Machines) -> None:
        journal = machines.journal()
        attempt = sending(journal)
        concluded = threading.Event()

        class Slow(dict[str, Submission]):
            """Answers whether an attempt is being made only after its outcome is written, if it can be."""

            def __contains__(self, key: object) -> bool:
                concluded.wait(0.3)
                return super().__contains__(key)

        def conclude() -> None:
            journal.conclude(attempt, "accepted", "task-1")
            concluded.set()

        journal._in_flight = Slow(journal._in_flight)
        with ThreadPoolExecutor(2) as pool:
            reaped = pool.submit(journal.reap_stale)
            pool.submit(conclude).result()
            assert reaped.result() == 0
        assert state(journal) == ("accepted", "task-1")


class TestTask:
    def test_a_task_is_unfinished_until_it_is_done(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "accepted", "task-1")
        assert [one.task_id for one in second.unfinished(SERVER)] == ["task-1"]
        second.record_end(SERVER, "task-1", "succeeded")
        assert state(first)[0] == "succeeded"
        second.mark_done(SERVER, "task-1")
        assert first.unfinished(SERVER) == []

    @pytest.mark.parametrize("task_id", ["a\0b", "\0", "\ue000", "\ue0000", "\ue000m\0", "日本語 \U0001f600"])
    def test_an_id_of_any_characters_is_recorded(self, machines: Machines, task_id: str) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "accepted", task_id)
        assert [one.task_id for one in second.unfinished(SERVER)] == [task_id]
        second.record_end(SERVER, task_id, "succeeded")
        assert state(first) == ("succeeded", task_id)

    def test_a_failed_task_stays_failed(self, machines: Machines) -> None:
        journal = machines.journal()
        journal.conclude(sending(journal), "accepted", "task-1")
        journal.record_end(SERVER, "task-1", "failed")
        journal.mark_done(SERVER, "task-1")
        assert state(journal)[0] == "failed"

    def test_a_result_is_lost_only_after_its_time(self, machines: Machines) -> None:
        journal = machines.journal()
        journal.conclude(sending(journal), "accepted", "task-1")
        journal.record_lost(SERVER, "task-1", retention=1000)
        assert journal.lost(SERVER) == []
        journal.record_lost(SERVER, "task-1", retention=-1)  # as if its time had passed
        assert [one.task_id for one in journal.lost(SERVER)] == ["task-1"]

    def test_an_attached_task_settles_an_unknown_key(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        first.conclude(sending(first), "unknown")
        (unknown,) = second.unknown(SERVER)
        second.attach(unknown, "task-1")
        assert claim(first).decision == "known"

    def test_a_second_attached_task_is_a_duplicate_charge(self, machines: Machines) -> None:
        journal = machines.journal()
        journal.conclude(sending(journal), "unknown")
        (unknown,) = journal.unknown(SERVER)
        journal.attach(unknown, "task-1")
        journal.attach(unknown, "task-2")
        assert journal.duplicate_charges(SERVER) == [("k", "task-2")]

    def test_a_callback_names_the_submission_on_every_machine(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        reference = sending(first).reference
        assert first.secret() == second.secret()
        found = second.find(SERVER, reference=reference)
        assert found
        assert found.idempotency_key == "k"

    def test_a_task_that_could_not_be_recorded_is_found_at_the_next_start(self, machines: Machines) -> None:
        first = machines.journal()
        attempt = sending(first)
        with outage(first):
            first.conclude(attempt, "accepted", "task-1")
        assert state(machines.journal()) == ("accepted", "task-1")

    def test_a_task_whose_submission_was_deleted_is_stored_in_a_file(self, machines: Machines) -> None:
        journal = machines.journal()
        attempt = sending(journal)
        with journal.database.transaction() as db:
            db.execute("DELETE FROM submissions")
        journal.conclude(attempt, "accepted", "task-1")
        (stored,) = journal._fallback_base.parent.glob("*-fallback-*")
        assert "task-1" in stored.read_text(encoding="utf-8")

    def test_a_running_process_finds_the_tasks_that_others_could_not_record(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        attempt = sending(first)
        with outage(first):
            first.conclude(attempt, "accepted", "task-1")
        second.read_fallbacks()
        assert state(second) == ("accepted", "task-1")

    def test_an_outcome_that_could_not_be_recorded_is_recorded_at_the_end(self, machines: Machines) -> None:
        first = machines.journal()
        attempt = sending(first)
        with outage(first):
            first.conclude(attempt, "refused")
        assert first.has_open_attempts
        first.close()
        assert state(machines.journal()) == ("refused", None)

    def test_the_end_of_an_unreachable_store_is_no_error(self, machines: Machines) -> None:
        first = machines.journal()
        attempt = sending(first)
        with outage(first):
            first.conclude(attempt, "refused")
            first.close()
        second = machines.journal()
        second.reap_stale()
        assert state(second) == ("unknown", None)

    def test_what_was_not_sent_is_not_unknown_after_an_outage(self, machines: Machines) -> None:
        first = machines.journal()
        attempt = sending(first)
        with outage(first):
            first.retract(attempt)
        assert claim(first).decision == "send"

    def test_an_attempt_that_was_rolled_back_withdraws_no_other(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        begun: list[Submission] = []
        with pytest.raises(JournalError), rolled_back(first):
            claim(first, begin=begun.append)
        sending(second)
        (attempt,) = begun
        assert attempt.attempt == 1
        first.retract(attempt)
        assert state(first) == ("sending", None)
        assert claim(first).decision == "wait"


class TestAccounts:
    def test_each_key_is_an_account_until_it_is_proven(self, machines: Machines) -> None:
        first, second = machines.journal("key-1"), machines.journal("key-2")
        first.conclude(sending(first), "accepted", "task-1")
        found = second.find(SERVER, idempotency_key="k")
        assert found
        assert first.is_own(found)
        assert not second.is_own(found)
        second.join_account(found)
        found = first.find(SERVER, idempotency_key="k")
        assert found
        assert first.is_own(found)
        assert second.is_own(found)


@contextmanager
def outage(journal: Journal) -> Iterator[None]:
    """Let a journal reach its store no more."""

    def fail(*args: Any, **options: Any) -> None:
        raise JournalError("the store is away")

    with transactions(journal, fail):
        yield


@contextmanager
def rolled_back(journal: Journal) -> Iterator[None]:
    """Let the store fail when a transaction is to be written."""
    begin = journal.database.transaction

    @contextmanager
    def transaction(*args: Any, **options: Any) -> Iterator[Any]:
        with begin(*args, **options) as db:
            yield db
            raise JournalError("the store failed")

    with transactions(journal, transaction):
        yield


@contextmanager
def transactions(journal: Journal, begin: Callable[..., Any]) -> Iterator[None]:
    """Let the store of a journal begin its transactions in another way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.database, "transaction", begin)
        yield
