"""Delivers callbacks: signed, repeated when they are not taken, and never off this machine."""

import json
from typing import NamedTuple

import httpx

from ..callbacks import sign
from ..shapes import Contract
from .clock import Clock
from .loopback import is_loopback
from .service import Report


class Delivery(NamedTuple):
    """What became of a callback: the HTTP status, or the error, of each attempt."""

    task_id: str
    url: str
    attempts: tuple[str, ...]
    delivered: bool


class Courier:
    """Takes reports to their URLs, one after the other."""

    def __init__(self, contract: Contract, clock: Clock, signing_key: str) -> None:
        self._contract = contract
        self._clock = clock
        self._signing_key = signing_key
        self.closed = False
        """Set from outside: what was not taken yet is not tried again."""

    def deliver(self, report: Report) -> Delivery:
        """Deliver a report. Another host than this machine's is not contacted at all."""
        try:
            url = httpx.URL(report.url)
        except httpx.InvalidURL as error:
            return Delivery(report.task_id, report.url, (f"undeliverable: {error}",), delivered=False)
        if url.scheme not in ("http", "https") or not is_loopback(url.host):
            reason = "undeliverable: not an address of this machine"
            return Delivery(report.task_id, report.url, (reason,), delivered=False)
        declared = self._contract.delivery
        content = json.dumps(report.payload, ensure_ascii=False).encode()
        attempts: list[str] = []
        with httpx.Client(timeout=declared.timeout, trust_env=False) as client:
            while True:
                try:
                    status = client.post(url, content=content, headers=self._headers(report)).status_code
                except httpx.HTTPError as error:
                    status = 0
                    attempts.append(type(error).__name__)
                else:
                    attempts.append(f"HTTP {status}")
                if status == 200 or self.closed or len(attempts) > declared.retries:
                    return Delivery(report.task_id, report.url, tuple(attempts), status == 200)
                self._clock.sleep(declared.pause)

    def _headers(self, report: Report) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._signing_key:
            declared = self._contract.signature
            timestamp = str(int(self._clock.now()))
            headers[declared.timestamp_header] = timestamp
            headers[declared.signature_header] = sign(declared, self._signing_key, report.task_id, timestamp)
        return headers
