"""A time that passes only when a client sleeps, and a service that answers in it."""

import threading
from typing import Any

import httpx
import pytest

CREATED = {"code": 200, "msg": "success", "data": {"taskId": "t"}}
WAITING = {"code": 200, "msg": "success", "data": {"taskId": "t", "state": "waiting"}}
EDIT: dict[str, Any] = {
    "prompt": "a hat",
    "image_url": "https://example.com/me.png",
    "mask_url": "https://example.com/mask.png",
    "reference_image_urls": ["https://example.com/ref.png"],
}


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Waits:
    """What a client sleeps, in a time that passes only so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Hand()
        self._lock = threading.Lock()
        self.sent: list[float] = []
        from kie_ideogram._runtime.http.session import Session

        monkeypatch.setattr(
            Session.__init__, "__defaults__", (None, None, self.clock, self.clock, lambda: 0.5)
        )
        monkeypatch.setattr("time.sleep", self.sleep)
        monkeypatch.setattr("asyncio.sleep", self.asleep)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.clock.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(self.clock.now)
        return httpx.Response(200, json=CREATED if request.method == "POST" else WAITING)
