"""The page at `/`: tasks, states, charges and pictures, as they happen, for a person to look at."""

import json
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..fake_service.service import Service

STATE = "/sandbox/state"

# Everything on the page is its own or this server's.
POLICY = (
    "default-src 'none'; img-src 'self' data:; connect-src 'self'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def page_routes(service: Service) -> list[Route]:
    """The page, and the state that it asks for again and again."""

    def page(request: Request) -> Response:
        text = files(__name__.rpartition(".")[0]).joinpath("dashboard.html").read_text(encoding="utf-8")
        return Response(text, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    def state(request: Request) -> Response:
        text = json.dumps(_state(service, str(request.base_url).rstrip("/")), ensure_ascii=False)
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route("/", page, methods=["GET"]), Route(STATE, state, methods=["GET"])]


def _state(service: Service, base: str) -> dict[str, Any]:
    """What the page shows, newest first."""
    with service.changed:
        service.settle()
        tasks = [
            {
                "id": task.id,
                "model": task.model.name,
                "state": service.state_of(task),
                "cost": task.cost,
                "failure": task.failure.msg if task.settled and task.failure else "",
                "pictures": [result.url(base) for result in task.results] if task.settled else [],
            }
            for task in service.tasks
        ]
        calls = [
            {"operation": call.operation, "code": call.code, "reason": call.reason} for call in service.calls
        ]
        return {
            "balance": service.account.balance,
            "charged": sum(booking.credits for booking in service.account.charges),
            "refunded": sum(booking.credits for booking in service.account.refunds),
            "tasks": tasks[::-1],
            "calls": calls[:-31:-1],
        }
