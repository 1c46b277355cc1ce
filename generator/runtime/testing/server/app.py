"""The service over HTTP: routes made from the contract's operations, and the files' own."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ...contract.model import Contract, Operation
from ...core.errors import ConfigurationError
from ..fake_service.files import PREFIX
from ..fake_service.service import Call, Service
from ..scenario import FILES, Scenario, Step, read
from .dashboard import page_routes
from .faults import JSON, answer

# A step for the very request that carries it, as JSON without `call`.
STEP = "x-sandbox-step"


def make_app(contract: Contract, service: Service, scenario: Scenario) -> Starlette:
    """Serve all servers of the contract as one, and the page that shows what happens."""

    async def endpoint(operation: Operation, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        call = Call(
            operation=operation.name,
            key=key if scheme.lower() == "bearer" else "",
            base=str(request.base_url).rstrip("/"),
            arguments=await _arguments(operation, request),
            fault=_misread(operation, request),
        )

        async def act() -> Response:
            return _json(await run_in_threadpool(service.answer, call))

        return await played(operation.name, request, act)

    async def media(request: Request) -> Response:
        async def act() -> Response:
            file = service.file(request.path_params["path"])
            if file is None:
                return Response("not found\n", 404, media_type="text/plain")
            return Response(await run_in_threadpool(file.read), media_type=file.media_type)

        return await played(FILES, request, act)

    async def played(on: str, request: Request, act: Callable[[], Awaitable[Response]]) -> Response:
        """What a scenario makes of a call, or the plain answer."""
        try:
            step = _own_step(on, request, contract) or scenario.take(on)
        except ConfigurationError as error:
            return Response(f"{error}\n", 400, media_type="text/plain")
        if step is None:
            return await act()
        service.prepare(step)
        return await answer(step, act, lambda code, msg: service.refusal(on, code, msg))

    async def nowhere(request: Request, error: Exception) -> Response:
        return _json(service.no_path(request.method, request.url.path))

    return Starlette(
        routes=[
            *(
                Route(operation.path, _bound(endpoint, operation), methods=[operation.method])
                for operation in contract.operations.values()
                if service.serves(operation)
            ),
            Route(PREFIX + "{path:path}", media, methods=["GET"]),
            *page_routes(service),
        ],
        exception_handlers={404: nowhere, 405: nowhere},
    )


def _bound(
    endpoint: Callable[[Operation, Request], Awaitable[Response]], operation: Operation
) -> Callable[[Request], Awaitable[Response]]:
    async def bound(request: Request) -> Response:
        return await endpoint(operation, request)

    return bound


def _own_step(on: str, request: Request, contract: Contract) -> Step | None:
    """The step that a request brings for itself. Raises `ConfigurationError`."""
    text = request.headers.get(STEP)
    if text is None:
        return None
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"the header {STEP} is not JSON: {error}") from None
    return read([{**given, "call": on} if isinstance(given, dict) else given], contract)[0]


def _misread(operation: Operation, request: Request) -> str:
    """What is wrong with the type of a request's body; empty where nothing is."""
    declared = {"json": "application/json", "multipart": "multipart/form-data"}.get(operation.body, "")
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return f"the body's type is {said or 'missing'}, declared is {declared}" if said != declared != "" else ""


async def _arguments(operation: Operation, request: Request) -> Any:
    """What a request says; None for a body that cannot be read."""
    if operation.body == "json":
        try:
            arguments = json.loads(await request.body())
            json.dumps(arguments, ensure_ascii=False).encode()  # half a surrogate pair is no text
            return arguments
        except (ValueError, RecursionError, ClientDisconnect):
            return None
    if operation.body == "multipart":
        try:
            async with request.form() as form:
                return {
                    name: await value.read() if isinstance(value, UploadFile) else value
                    for name, value in form.items()
                }
        except (HTTPException, ClientDisconnect):
            return None
    return dict(request.query_params)


def _json(reply: dict[str, Any]) -> Response:
    """The verdict is in the body: HTTP says 200 whatever happened."""
    return Response(json.dumps(reply, ensure_ascii=False), media_type=JSON)
