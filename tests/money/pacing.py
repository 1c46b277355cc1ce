"""A service on a clock that advances only when a client sleeps."""

from typing import Any

import httpx

from tests.clock import FakeClock

CREATED = {"code": 200, "msg": "success", "data": {"taskId": "t"}}
WAITING = {"code": 200, "msg": "success", "data": {"taskId": "t", "state": "waiting"}}
EDIT: dict[str, Any] = {
    "prompt": "a hat",
    "image_url": "https://example.com/me.png",
    "mask_url": "https://example.com/mask.png",
    "reference_image_urls": ["https://example.com/ref.png"],
}


class PacedService:
    """Accepts every submission and never ends a task. `sent` lists when each request arrived."""

    def __init__(self) -> None:
        self.clock = FakeClock(0.0)
        self.sent: list[float] = []

    def options(self) -> dict[str, Any]:
        """Return the arguments of a client on this service's clock."""
        return {"api_key": "k", "_environment": self.clock.environment}

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(self.clock.now)
        return httpx.Response(200, json=CREATED if request.method == "POST" else WAITING)
