"""Sends callbacks: signed, and repeated until the receiver accepts them.

A scenario may drop, delay, repeat, forge or reorder them. They are sent to this machine only, and there to
the ports of servers that a developer starts.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from ...contract.model import Contract
from ...contract.pointer import get_pointer, with_pointer
from ...core.text.printable import json_bytes
from ...http.hosts import is_loopback
from ..clock import SandboxClock
from ..fake_service.service import Report
from ..scenario import CALLBACK, Scenario, Step
from ..signed_callback import signature_headers

# Other ports below this one belong to services of the system, which a callback must not reach.
FIRST_UNPRIVILEGED_PORT = 1024
WEB_PORTS = 80, 443


class Delivery(NamedTuple):
    """What became of a callback: the HTTP status, or the error, of each attempt."""

    task_id: str
    url: str
    attempts: tuple[str, ...]
    delivered: bool


class _Pending(NamedTuple):
    """A callback that is not due yet, and its step of the scenario."""

    due: float
    report: Report
    step: Step


class WebhookSender:
    """Sends callbacks one at a time. One thread at a time may use it.

    Args:
        signing_key: Signs the callbacks, unless it is empty.
        signing_time: Returns the Unix time of a signature.
        make_client: Makes the client that sends a callback.
    """

    def __init__(
        self,
        contract: Contract,
        clock: SandboxClock,
        scenario: Scenario,
        *,
        signing_key: str,
        signing_time: Callable[[], float],
        make_client: Callable[..., httpx.Client] = httpx.Client,
    ) -> None:
        self._make_client = make_client
        self._contract = contract
        self._clock = clock
        self._signing_key = signing_key
        self._signing_time = signing_time
        self._scenario = scenario
        self._pending: list[_Pending] = []
        self._held: list[_Pending] = []
        self.closing = threading.Event()
        """Set by another thread: no callback is sent again from then on."""

    def accept(self, reports: list[Report]) -> None:
        """Schedule callbacks, each with its step of the scenario."""
        for report in reports:
            step = self._scenario.take(CALLBACK) or Step(CALLBACK)
            entry = _Pending(self._clock.now() + step.delay, report, step)
            if step.hold:
                self._held.append(entry)
                continue
            self._pending += [entry] * (1 + step.repeat)
            held, self._held = self._held, []
            self._pending += [other._replace(due=entry.due) for other in held]

    def seconds_until_due(self) -> float | None:
        """Return the seconds until a callback is due; None if none is scheduled."""
        due = min((entry.due for entry in self._pending), default=None)
        return None if due is None else max(0.0, due - self._clock.now())

    def deliver_due(self) -> list[Delivery]:
        """Send the callbacks that are due, in their order."""
        now = self._clock.now()
        due = [entry for entry in self._pending if entry.due <= now]
        self._pending = [entry for entry in self._pending if entry.due > now]
        return [self._deliver(entry.report, entry.step) for entry in due]

    def _deliver(self, report: Report, step: Step) -> Delivery:
        reason = "dropped by the scenario" if step.drop else _why_undeliverable(report.url)
        if reason:
            return Delivery(report.task_id, report.url, (reason,), delivered=False)
        closing = self.closing
        declared = self._contract.delivery
        assert declared, "only a submission with a callback's URL has a report"
        content = json_bytes(self._payload(report, step))
        attempts: list[str] = []
        with self._make_client(timeout=declared.timeout, trust_env=False) as client:
            while True:
                try:
                    headers = self._headers(report, step)
                    status = client.post(report.url, content=content, headers=headers).status_code
                except httpx.HTTPError as error:
                    status = 0
                    attempts.append(type(error).__name__)
                else:
                    attempts.append(f"HTTP {status}")
                if status == 200 or closing.is_set() or len(attempts) > declared.retries:
                    return Delivery(report.task_id, report.url, tuple(attempts), status == 200)
                self._clock.sleep(declared.pause)

    def _payload(self, report: Report, step: Step) -> dict[str, Any]:
        """Return the body of a callback, forged if the scenario says so."""
        workflow, delivery = self._contract.workflow, self._contract.delivery
        assert delivery, "only a submission with a callback's URL has a report"
        member = self._contract.data_member(delivery)
        outputs = workflow.outputs
        record = report.payload[member] if member else report.payload
        if step.forge == "id":
            record = with_pointer(record, outputs["id"].pointer, f"{report.task_id}0")
        elif step.forge == "state":
            failed = get_pointer(record, outputs["state"].pointer) in workflow.wait.failure
            other = (workflow.wait.success if failed else workflow.wait.failure)[0]
            record = with_pointer(record, outputs["state"].pointer, other)
        return {**report.payload, member: record} if member else record

    def _headers(self, report: Report, step: Step) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._signing_key and self._contract.signature:
            secret = self._signing_key + "x" * (step.forge == "signature")
            headers |= signature_headers(self._contract, report.task_id, secret, self._signing_time())
        return headers


def _why_undeliverable(address: str) -> str:
    """Return why a callback is not sent to a URL; empty if it is sent."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        return f"undeliverable: {error}"
    if url.scheme not in ("http", "https") or not is_loopback(url.host):
        return "undeliverable: not an address of this machine"
    if url.port is not None and url.port < FIRST_UNPRIVILEGED_PORT and url.port not in WEB_PORTS:
        allowed = f"{WEB_PORTS[0]}, {WEB_PORTS[1]} and {FIRST_UNPRIVILEGED_PORT} upwards"
        return f"undeliverable: callbacks are not sent to port {url.port}; the allowed ports are {allowed}"
    return ""
