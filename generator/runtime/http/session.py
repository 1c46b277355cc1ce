"""The contract, API key and servers of one client, and the calls that may be retried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from ..contract.json_schema import Check, compile_schema
from ..core.clock import Environment
from ..core.deadline import caused_by
from ..core.effects import Flow, Reply, SendRequest, Sleep
from ..core.errors import (
    ApiError,
    CallTimeoutError,
    PackageError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from ..core.reporting import telemetry
from ..core.text.printable import error_text
from ..core.text.secret import Secret
from .hosts import canonical_server
from .limits.rate_limiter import RateLimiter, SharedRateLimiter, interval_limiters
from .request import PreparedOperation
from .response import ResponseParser
from .retry import backoff, retry_after

if TYPE_CHECKING:
    from ..contract.model import Contract, Model
    from ..journal.journal import Journal


class Session:
    """What all flows of one client share. Threads may share it."""

    def __init__(
        self,
        contract: Contract,
        errors: dict[int, type[ApiError]],
        api_key: Secret,
        servers: dict[str, str],
        journal: Journal | None,
        limits: SharedRateLimiter | None,
        environment: Environment,
    ) -> None:
        self.contract = contract
        self.workflow = contract.workflow
        self.journal = journal
        self.server = canonical_server(servers[contract.operations[contract.workflow.creates[0]].server])
        """The server that holds the tasks, in one spelling. An idempotency key belongs to one server."""
        self.clock = environment.clock
        self.random = environment.random
        self.parser = ResponseParser(contract.envelope, contract.codes, errors, api_key)
        self._api_key = api_key
        self._servers = servers
        self._prepared: dict[str, PreparedOperation] = {}
        self._checks: dict[str, Check] = {}
        self.rate_limiter = RateLimiter(
            interval_limiters(contract.rate_limits, self.server, api_key, self.clock),
            limits or journal,
            self.clock,
        )

    def __repr__(self) -> str:
        return f"Session({self._servers})"

    def operation(self, name: str) -> PreparedOperation:
        """Return an operation with its parsed URL and headers and compiled schemas."""
        prepared = self._prepared.get(name)
        if prepared is None:
            operation = self.contract.operations[name]
            server = self._servers[operation.server]
            prepared = PreparedOperation(
                operation, server, self._api_key, self.contract.version, self.contract.key_header
            )
            self._prepared[name] = prepared
        return prepared

    def body_check(self, model: Model) -> Check:
        """Return the check of a model's submissions. It is compiled once."""
        check = self._checks.get(model.name)
        if check is None:
            check = self._checks[model.name] = compile_schema(model.schema)
        return check

    def call(self, name: str, arguments: dict[str, Any]) -> Flow[Any]:
        """Send a call, retry it if it may be retried, and return its data.

        Arguments that are None are left out.
        """
        prepared = self.operation(name)
        request = prepared.checked_request(arguments)
        files = [value[0] for value in request.values() if isinstance(value, tuple)]
        what = f"{name} of {', '.join(files)}" if files else name
        attempt = 0
        while True:
            try:
                yield from self.rate_limiter.acquire(name)
                reply = yield from self._send(prepared, request)
                return self.data(prepared, reply)
            except (ServiceUnreachableError, ReplyLostError, ResponseFormatError, ApiError) as error:
                wait = self.repeat_after(error, attempt)
                sent = not isinstance(error, ServiceUnreachableError)
                if wait is None or (sent and not prepared.operation.repeatable):
                    self.name_server(error, name)
                    raise
                failure = error
            attempt += 1
            telemetry.retry_scheduled(what, failure, wait)
            try:
                yield Sleep(wait)
            except CallTimeoutError as late:
                raise caused_by(late, failure) from failure

    def call_once(self, name: str, arguments: dict[str, Any], limit: float) -> Flow[Any]:
        """Send a call once, for at most `limit` seconds. The caller has acquired the rate limit."""
        prepared = self.operation(name)
        request = prepared.checked_request(arguments)
        reply = yield from self._send(prepared, request, limit)
        return self.data(prepared, reply)

    def data(self, prepared: PreparedOperation, reply: Reply) -> Any:
        """Return the data of an accepted reply. Raises `ApiError`, `ResponseFormatError`."""
        return self.parser.data(reply, self.contract.data_member(prepared.operation), prepared.data_check)

    def _send(
        self, prepared: PreparedOperation, request: dict[str, Any], limit: float | None = None
    ) -> Flow[Reply]:
        max_bytes = self.contract.envelope.max_bytes
        try:
            reply: Reply = yield SendRequest(
                lambda: prepared.build(request), max_bytes, limit, reads=prepared.operation.method == "GET"
            )
        except PackageError:
            raise
        except Exception as error:  # from a transport of the caller, or a tool that patches httpx
            raise self.foreign_error(error) from error
        return reply

    def foreign_error(self, error: Exception) -> ReplyLostError:
        """Return the error of a request that ended with an exception of code that is not this package's."""
        text = self.parser.redact(error_text(error))
        return ReplyLostError(f"the response could not be read: {text}")

    def name_server(self, error: PackageError, operation: str) -> None:
        """Add to the last error of a call what the caller can change, if its server may be the wrong one."""
        server = next(
            one for one in self.contract.servers if one.name == self.contract.operations[operation].server
        )
        replaced = canonical_server(self._servers[server.name]) != canonical_server(server.url)
        cause = error.__cause__
        if isinstance(error, ServiceUnreachableError):
            is_about_server = isinstance(cause, httpx.TransportError) and not isinstance(
                cause, httpx.PoolTimeout
            )
        elif isinstance(error, ApiError):
            is_about_server = replaced and self.parser.body_code(error) is None
        else:
            is_about_server = replaced
        if is_about_server:
            what = (
                f"{server.argument}, which replaces {server.url}" if replaced else "the network and the proxy"
            )
            error.args = (f"{error.args[0]}; check {what}",)

    def is_transient(self, error: PackageError) -> bool:
        """Whether a repeatable call may be sent again after this error."""
        if not isinstance(error, ApiError):
            return isinstance(error, ServiceUnreachableError | ReplyLostError | ResponseFormatError)
        code = self.parser.declared_code(error)
        # The error page of a proxy says nothing about a task. Its HTTP status is not a body code.
        from_proxy = code is not None and code.query == "failed" and self.parser.body_code(error) is None
        return from_proxy or (code.repeat_query if code else error.code >= 500)

    def repeat_after(self, error: PackageError, attempt: int) -> float | None:
        """Return the seconds to wait before a call is retried; None if it must not be."""
        policy = self.contract.retry
        if attempt + 1 >= policy.attempts or not self.is_transient(error):
            return None
        return self.pause_after(error, attempt)

    def pause_after(self, error: PackageError, attempt: int) -> float:
        """Return the seconds to wait after an error, at least the seconds of `Retry-After`."""
        policy = self.contract.retry
        header = error.retry_after if isinstance(error, ApiError) else None
        requested = retry_after(header, self.clock.unix(), policy.retry_after_cap)
        refused = (
            isinstance(error, ApiError)
            and (code := self.parser.declared_code(error)) is not None
            and code.repeat_create
        )
        wait = backoff(policy, attempt, refused=refused, random=self.random)
        return wait if requested is None else max(requested, wait)
