"""Answers a call as a step of a scenario says: a different reply, or the true reply, damaged."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...core.text.printable import json_bytes
from ..fake_service.service import Answer
from ..scenario import PAGES, Step

JSON = "application/json;charset=UTF-8"

# Informs a caller without a port, whose response always arrives at once, how late it would have been.
SLOW = "x-sandbox-slow"


class TruncatedResponse(Response):
    """A response with fewer bytes than its header says; then the connection is closed."""

    def __init__(self, response: Response, size: int) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = response.raw_headers
        self._size = size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the beginning of the response."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self._size], "more_body": True})


async def answer_as_scripted(
    step: Step, act: Callable[[], Awaitable[Response]], refuse: Callable[[int, str], Answer]
) -> Response:
    """Return the response of a step. `act` answers the call; `refuse` builds a refusal."""
    page = PAGES.get(step.page, {})
    status = step.status or page.get("status")
    if step.code is not None:
        refusal = refuse(step.code, step.msg)
        response = Response(
            json_bytes(refusal.body), status or refusal.status, media_type=refusal.content_type
        )
    elif status is not None or step.body:
        response = Response(
            step.body or page.get("body", ""), status or 200, media_type=page.get("type", "text/plain")
        )
    else:
        response = await act()
    if step.set or step.add:
        body = json.loads(bytes(response.body))
        for path, value in (step.set | step.add).items():
            _set_member(body, path.split("/"), value)
        response = Response(json_bytes(body), response.status_code, media_type=JSON)
    if step.type:
        response.headers["content-type"] = step.type
    response.headers.update(step.headers)
    if step.slow:
        response.headers[SLOW] = str(step.slow)
        await anyio.sleep(step.slow)
    if step.lose or step.cut is not None:
        return TruncatedResponse(response, 0 if step.lose else step.cut or 0)
    return response


def _set_member(body: Any, path: list[str], value: Any) -> None:
    for name in path[:-1]:
        if not isinstance(body.get(name), dict):
            body[name] = {}
        body = body[name]
    body[path[-1]] = value
