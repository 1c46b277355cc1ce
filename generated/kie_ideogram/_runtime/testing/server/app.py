"""The service over HTTP: the contract's operations, stored files, and the page."""

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from ...contract.model import Contract, Operation
from ...core.errors import ConfigurationError
from ..fake_service.files import PREFIX
from ..fake_service.service import Answer, Call, Service
from ..scenario import FILES, Scenario, Step, read_steps
from .dashboard import page_routes
from .faults import answer_as_scripted
from .guard import Guard, safe_type

# A step for the request that carries this header, as JSON without `call`.
STEP = "x-sandbox-step"

NO_CONTENT = 204

# The documented limit of an upload.
MAX_BODY_BYTES = 100 * 1024 * 1024


class _BodyTooLargeError(Exception):
    """A request has more bytes than are allowed."""


def make_app(
    contract: Contract,
    service: Service,
    scenario: Scenario,
    allowed_hosts: Iterable[str] = (),
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Starlette:
    """Return an app that serves all servers of the contract, and a page that shows the service's state."""

    async def serve_operation(operation: Operation, request: Request) -> Response:
        header, prefix = contract.key_header
        given = request.headers.get(header, "")
        # The name of a scheme, such as Bearer, may have any case.
        key = given[len(prefix) :] if given.lower().startswith(prefix.lower()) else ""
        fault = _why_unreadable(operation, request, max_body_bytes)
        arguments = None
        # The body of a caller without a valid key is not read.
        if key in service.account.keys and not fault:
            try:
                arguments = await _read_arguments(operation, request, max_body_bytes)
            except _BodyTooLargeError:
                fault = f"the body has more than {max_body_bytes} bytes"
        base = str(request.base_url).rstrip("/")
        call = Call(operation.name, key, base, arguments, fault)

        async def act() -> Response:
            return _json_response(await run_in_threadpool(service.answer, call))

        return await answer(operation.name, request, act)

    async def serve_file(request: Request) -> Response:
        async def act() -> Response:
            file = service.file(request.path_params["path"])
            if file is None:
                return Response("not found\n", 404, media_type="text/plain")
            return Response(await run_in_threadpool(file.read), media_type=safe_type(file.media_type))

        return await answer(FILES, request, act)

    async def answer(on: str, request: Request, act: Callable[[], Awaitable[Response]]) -> Response:
        """Answer a call as the scenario says, or normally if it has no step for the call."""
        try:
            step = _step_of_request(on, request, contract) or scenario.take(on)
        except ConfigurationError as error:
            return Response(f"{error}\n", 400, media_type="text/plain")
        if step is None:
            return await act()
        service.prepare(step)
        return await answer_as_scripted(step, act, lambda code, msg: service.refusal(on, code, msg))

    async def refuse_path(request: Request, error: Exception) -> Response:
        return _json_response(service.no_path(request.method, request.url.path))

    return Starlette(
        routes=[
            *(
                Route(operation.path, _endpoint(serve_operation, operation), methods=[operation.method])
                for operation in contract.operations.values()
            ),
            Route(PREFIX + "{path:path}", serve_file, methods=["GET"]),
            *page_routes(service),
        ],
        middleware=[Middleware(Guard, allowed_hosts=allowed_hosts)],
        exception_handlers={404: refuse_path, 405: refuse_path},
    )


def _endpoint(
    serve: Callable[[Operation, Request], Awaitable[Response]], operation: Operation
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await serve(operation, request)

    return endpoint


def _step_of_request(on: str, request: Request, contract: Contract) -> Step | None:
    """Return the step in the header of a request. Raises `ConfigurationError`."""
    text = request.headers.get(STEP)
    if text is None:
        return None
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"the header {STEP} is not JSON: {error}") from None
    return read_steps([{**given, "call": on} if isinstance(given, dict) else given], contract)[0]


def _why_unreadable(operation: Operation, request: Request, max_bytes: int) -> str:
    """Return why the body of a request is not read; empty if it is."""
    declared = {"json": "application/json", "multipart": "multipart/form-data"}.get(operation.body, "")
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != declared != "":
        return f"the body's type is {sent or 'missing'}, expected {declared}"
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > max_bytes:
        return f"the body has {length[:20]} bytes, at most {max_bytes} are allowed"
    return ""


async def _read_arguments(operation: Operation, request: Request, max_bytes: int) -> Any:
    """Return the arguments of a request; None if its body is invalid. Raises `_BodyTooLargeError`."""
    request = Request(request.scope, _limited(request, max_bytes))
    parameters = _read_parameters(operation, request)
    if operation.body == "json":
        try:
            arguments = json.loads(await request.body())
            json.dumps(arguments, ensure_ascii=False).encode()  # fails for a lone surrogate
            return {**parameters, **arguments} if isinstance(arguments, dict) else arguments
        except (ValueError, RecursionError, ClientDisconnect):
            return None
    if operation.body == "multipart":
        try:
            await request.body()  # of a request that ends early, starlette 0.46 leaves files open
            async with request.form() as form:
                return {
                    name: await value.read() if isinstance(value, UploadFile) else value
                    for name, value in form.items()
                }
        except (HTTPException, ClientDisconnect):
            return None
    return parameters


def _read_parameters(operation: Operation, request: Request) -> dict[str, Any]:
    """Return the parameters in the query, the headers and the path, each with the type of its schema."""
    headers = {
        argument.path[0]: value
        for argument in operation.arguments
        if argument.place == "header" and (value := request.headers.get(argument.path[0])) is not None
    }
    given: dict[str, Any] = {**request.query_params, **headers, **request.path_params}
    members = operation.schema.get("properties", {}) if isinstance(operation.schema, dict) else {}
    for name, text in given.items():
        if members.get(name, {}).get("type") in ("integer", "number", "boolean"):
            with suppress(ValueError):  # the schema then refuses the text
                given[name] = json.loads(text)
    return given


def _limited(request: Request, max_bytes: int) -> Callable[[], Awaitable[Message]]:
    """Return what receives the body of a request, up to the limit."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise _BodyTooLargeError
        return message

    return receive


def _json_response(answer: Answer) -> Response:
    """Return a response, without a body if its status has none."""
    if answer.status == NO_CONTENT:
        return Response(status_code=NO_CONTENT)
    return Response(
        json.dumps(answer.body, ensure_ascii=False), answer.status, media_type=answer.content_type
    )
