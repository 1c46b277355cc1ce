"""The service over HTTP: routes made from the contract's operations, and the files' own."""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..shapes import Contract, Operation
from .service import Call, Service
from .store import PREFIX


def make_app(contract: Contract, service: Service) -> Starlette:
    """Serve all servers of the contract as one."""
    routes = [
        Route(operation.path, _endpoint(operation, service), methods=[operation.method])
        for operation in contract.operations.values()
        if service.serves(operation)
    ]

    def media(request: Request) -> Response:
        file = service.file(request.path_params["path"])
        if file is None:
            return Response("not found\n", 404, media_type="text/plain")
        return Response(file.read(), media_type=file.media_type)

    async def nowhere(request: Request, error: Exception) -> Response:
        return _json(service.no_path())

    return Starlette(
        routes=[*routes, Route(PREFIX + "{path:path}", media, methods=["GET"])],
        exception_handlers={404: nowhere, 405: nowhere},
    )


def _endpoint(operation: Operation, service: Service) -> Any:
    async def endpoint(request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        call = Call(
            operation=operation.name,
            key=key if scheme.lower() == "bearer" else "",
            base=str(request.base_url).rstrip("/"),
            arguments=await _arguments(operation, request),
        )
        return _json(await run_in_threadpool(service.answer, call))

    return endpoint


async def _arguments(operation: Operation, request: Request) -> Any:
    """What a request says; None for a body that cannot be read."""
    if operation.body == "json":
        try:
            arguments = json.loads(await request.body())
            json.dumps(arguments, ensure_ascii=False).encode()  # half a surrogate pair is no text
            return arguments
        except (ValueError, RecursionError):
            return None
    if operation.body == "multipart":
        try:
            async with request.form() as form:
                return {
                    name: await value.read() if isinstance(value, UploadFile) else value
                    for name, value in form.items()
                }
        except HTTPException:
            return None
    return dict(request.query_params)


def _json(reply: dict[str, Any]) -> Response:
    """The verdict is in the body: HTTP says 200 whatever happened."""
    text = json.dumps(reply, ensure_ascii=False)
    return Response(text, media_type="application/json;charset=UTF-8")
