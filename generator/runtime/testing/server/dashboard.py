"""The page at `/`, and the state that it shows."""

import json
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...contract.pointer import get_pointer
from ..fake_service.service import AnsweredCall, Service
from ..fake_service.tasks import Task

STATE = "/sandbox/state"

# The page loads nothing from other servers.
POLICY = (
    "default-src 'none'; img-src 'self' data:; connect-src 'self'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
)

# The page shows this many groups of calls.
MAX_CALL_GROUPS = 30


def page_routes(service: Service) -> list[Route]:
    """Return the routes of the page and of its state."""

    def page(request: Request) -> Response:
        text = files(__name__.rpartition(".")[0]).joinpath("dashboard.html").read_text(encoding="utf-8")
        return Response(text, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    def state(request: Request) -> Response:
        text = json.dumps(_state(service, str(request.base_url).rstrip("/")), ensure_ascii=False)
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route("/", page, methods=["GET"]), Route(STATE, state, methods=["GET"])]


def _state(service: Service, base: str) -> dict[str, Any]:
    """Return what the page shows, newest first."""
    with service.changed:
        service.settle()
        tasks = [_task(service, task, base) for task in service.tasks]
        return {
            "now": service.now(),
            "balance": service.account.balance,
            "charged": sum(entry.credits for entry in service.account.charges),
            "refunded": sum(entry.credits for entry in service.account.refunds),
            "tasks": tasks[::-1],
            "calls": _grouped(service.calls)[:MAX_CALL_GROUPS],
        }


def _task(service: Service, task: Task, base: str) -> dict[str, Any]:
    pictures = {image.path for image in task.model.images}
    failure = task.failure if task.ended else None
    return {
        "id": task.id,
        "model": task.model.name,
        "state": service.state_of(task),
        "created": task.created,
        "ended": task.due if task.ended else None,
        "charged": task.cost,
        "refunded": task.refunded,
        "failure": f"{failure.code}: {failure.msg}" if failure else "",
        "arguments": [
            {"name": argument.name, "value": value}
            for argument in task.model.arguments
            if argument.path not in pictures and (value := get_pointer(task.body, argument.path)) is not None
        ],
        "inputs": [
            {"role": image.role, "url": url}
            for image in task.model.images
            for url in _urls(get_pointer(task.body, image.path))
        ],
        "results": [result.url(base) for result in task.results] if task.ended else [],
    }


def _urls(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _grouped(calls: list[AnsweredCall]) -> list[dict[str, Any]]:
    """Return the calls of the same operation with the same outcome as one entry, the latest first."""
    groups: dict[tuple[str, int, str], dict[str, Any]] = {}
    for call in calls:
        key = call.operation, call.code, call.reason
        group = groups.pop(
            key, {"operation": call.operation, "code": call.code, "reason": call.reason, "count": 0}
        )
        groups[key] = {**group, "count": group["count"] + 1, "last": call.time}
    return list(groups.values())[::-1]
