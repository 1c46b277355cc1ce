"""Delivers callbacks: signed, repeated when they are not taken, and never off this machine.

A scenario may have them lost, late, doubled, forged or in the wrong order.
"""

import json
import threading
from typing import Any, NamedTuple

import httpx

from ...contract.model import Contract
from ...http.hosts import is_loopback
from ...http.webhooks import sign
from ..clock import Clock
from ..fake_service.service import Report
from ..scenario import CALLBACK, Scenario, Step


class Delivery(NamedTuple):
    """What became of a callback: the HTTP status, or the error, of each attempt."""

    task_id: str
    url: str
    attempts: tuple[str, ...]
    delivered: bool


class _Waiting(NamedTuple):
    """A report that is not due yet, and what is wrong with it."""

    due: float
    report: Report
    step: Step


class WebhookSender:
    """Takes reports to their URLs, one after the other."""

    def __init__(self, contract: Contract, clock: Clock, signing_key: str, scenario: Scenario) -> None:
        self._contract = contract
        self._clock = clock
        self._signing_key = signing_key
        self._scenario = scenario
        self._waiting: list[_Waiting] = []
        self._held: list[_Waiting] = []
        self.closing = threading.Event()
        """Set from outside: what was not taken yet is not tried again."""

    def accept(self, reports: list[Report]) -> None:
        """Take over reports, each with the step that the scenario has for it."""
        for report in reports:
            step = self._scenario.take(CALLBACK) or Step(CALLBACK)
            entry = _Waiting(self._clock.now() + step.delay, report, step)
            if step.hold:
                self._held.append(entry)
                continue
            self._waiting += [entry] * (1 + step.repeat)
            held, self._held = self._held, []
            self._waiting += [other._replace(due=entry.due) for other in held]

    def rest(self) -> float | None:
        """Seconds until a callback is due; None while none waits."""
        due = min((entry.due for entry in self._waiting), default=None)
        return None if due is None else max(0.0, due - self._clock.now())

    def deliver_due(self) -> list[Delivery]:
        """Deliver what is due, in its order."""
        now = self._clock.now()
        due = [entry for entry in self._waiting if entry.due <= now]
        self._waiting = [entry for entry in self._waiting if entry.due > now]
        return [self._deliver(entry.report, entry.step) for entry in due]

    def _deliver(self, report: Report, step: Step) -> Delivery:
        """Deliver a report. Another host than this machine's is not contacted at all."""
        if step.drop:
            return Delivery(report.task_id, report.url, ("dropped by the scenario",), delivered=False)
        try:
            url = httpx.URL(report.url)
        except httpx.InvalidURL as error:
            return Delivery(report.task_id, report.url, (f"undeliverable: {error}",), delivered=False)
        if url.scheme not in ("http", "https") or not is_loopback(url.host):
            reason = "undeliverable: not an address of this machine"
            return Delivery(report.task_id, report.url, (reason,), delivered=False)
        closing = self.closing
        declared = self._contract.delivery
        content = json.dumps(self._payload(report, step), ensure_ascii=False).encode()
        attempts: list[str] = []
        with httpx.Client(timeout=declared.timeout, trust_env=False) as client:
            while True:
                try:
                    headers = self._headers(report, step)
                    status = client.post(url, content=content, headers=headers).status_code
                except httpx.HTTPError as error:
                    status = 0
                    attempts.append(type(error).__name__)
                else:
                    attempts.append(f"HTTP {status}")
                if status == 200 or closing.is_set() or len(attempts) > declared.retries:
                    return Delivery(report.task_id, report.url, tuple(attempts), status == 200)
                self._clock.sleep(declared.pause)

    def _payload(self, report: Report, step: Step) -> dict[str, Any]:
        """The callback's body, as the service or as a forger writes it."""
        record = dict(report.payload[self._contract.envelope.data])
        workflow = self._contract.workflow
        state = workflow.outputs["state"].pointer[0]
        if step.forge == "id":
            record[workflow.outputs["id"].pointer[0]] = f"{report.task_id}0"
        elif step.forge == "state":
            failed = record[state] in workflow.wait.failure
            record[state] = (workflow.wait.success if failed else workflow.wait.failure)[0]
        return {**report.payload, self._contract.envelope.data: record}

    def _headers(self, report: Report, step: Step) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._signing_key:
            declared = self._contract.signature
            timestamp = str(int(self._clock.now()))
            key = self._signing_key + "x" * (step.forge == "signature")
            headers[declared.timestamp_header] = timestamp
            headers[declared.signature_header] = sign(declared, key, report.task_id, timestamp)
        return headers
