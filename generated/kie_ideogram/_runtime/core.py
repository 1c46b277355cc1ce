"""What the client does, as flows: calls, creates, reads and waits, for sync and async alike."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from random import random
from typing import Any

from .errors import (
    ApiError,
    Fault,
    InvalidInputError,
    KieError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
    SubmissionUnknownError,
)
from .flow import Flow, Reply, Send, Sleep, T
from .prepare import Prepared, encode
from .reply import Judge, dig
from .retry import backoff, retry_after
from .schema import Check, compile_schema, near, show, validate
from .shapes import Contract, Model

Give = Callable[[str, dict[str, Any], float | None], T]
"""Makes the caller's kind of task: its id, its record, and when (monotonic) we created it."""


class Core:
    """One client's contract, key and prepared calls. Immutable, shared by threads."""

    def __init__(
        self,
        contract: Contract,
        errors: dict[int, type[ApiError]],
        key: str,
        servers: dict[str, str],
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random,
    ) -> None:
        self.contract = contract
        self.workflow = contract.workflow
        self.clock = clock
        self.chance = chance
        self._judge = Judge(contract.envelope, contract.codes, errors, key)
        self._key = key
        self._servers = servers
        self._prepared: dict[str, Prepared] = {}
        self._checks: dict[str, Check] = {}

    def __repr__(self) -> str:
        return f"Core({self._servers})"

    def operation(self, name: str) -> Prepared:
        """The operation, prepared once: address and headers parsed, schemas compiled."""
        prepared = self._prepared.get(name)
        if prepared is None:
            operation = self.contract.operations[name]
            prepared = Prepared(operation, self._servers[operation.server], self._key, self.contract.version)
            self._prepared[name] = prepared
        return prepared

    # ---- Any call but a create ------------------------------------------------------------

    def call(self, name: str, given: dict[str, Any], deadline: float | None = None) -> Flow[Any]:
        """Send one repeatable call, return its data. `given` is by the caller's names; None is left out."""
        prepared = self.operation(name)
        request = prepared.arrange(given)
        validate(prepared.check, request)
        attempt = 0
        while True:
            try:
                reply = yield Send(lambda: prepared.build(request), self._left(deadline))
                return self._judge.data(reply, prepared.shape)
            except (ServiceUnreachableError, ReplyLostError, ResponseFormatError, ApiError) as error:
                wait = self._repeat_after(error, attempt)
                if wait is None or (deadline is not None and self.clock() + wait >= deadline):
                    raise
            attempt += 1
            yield Sleep(wait)

    def transient(self, error: KieError) -> bool:
        """Whether a repeatable call may be sent again after this error."""
        if not isinstance(error, ApiError):
            return isinstance(error, ServiceUnreachableError | ReplyLostError | ResponseFormatError)
        code = self._judge.code(error)
        return code.repeat_query if code else error.code >= 500

    def _repeat_after(self, error: KieError, attempt: int) -> float | None:
        policy = self.contract.retry
        if attempt + 1 >= policy.attempts or not self.transient(error):
            return None
        return self.pause(error, attempt)

    def pause(self, error: KieError, attempt: int) -> float:
        """Seconds to wait after this error before asking again, `Retry-After` heeded."""
        policy = self.contract.retry
        header = error.retry_after if isinstance(error, ApiError) else None
        asked = retry_after(header, time.time(), policy.retry_after_cap)
        refused = (
            isinstance(error, ApiError)
            and (code := self._judge.code(error)) is not None
            and code.repeat_create
        )
        wait = backoff(policy, attempt, refused=refused, random=self.chance)
        return wait if asked is None else max(asked, wait)

    def _left(self, deadline: float | None) -> float | None:
        return None if deadline is None else deadline - self.clock()

    # ---- Creates ---------------------------------------------------------------------------

    def given(self, body: Any) -> tuple[Model, dict[str, Any]]:
        """The model and a copy of a body that the caller wrote. Raises `InvalidInputError`."""
        if not isinstance(body, Mapping):
            raise InvalidInputError([Fault("body", "type", f"expected an object, got {show(body)}")])
        return self.model(body.get(self.contract.discriminator)), dict(body)

    def model(self, name: Any) -> Model:
        """The model of that name. Raises `InvalidInputError` naming the near miss."""
        models = self.contract.models
        if not isinstance(name, str) or name not in models:
            message = f"no such model; the models are {', '.join(models)}{near(str(name), list(models))}"
            raise InvalidInputError([Fault(self.contract.discriminator, "enum", message)])
        return models[name]

    def body(self, model: Model, given: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
        """Arrange the caller's arguments as the create call's body. None is left out."""
        body: dict[str, Any] = {self.contract.discriminator: model.name}
        parts: dict[tuple[str, ...], dict[str, Any]] = {(): body}
        for argument in model.arguments:
            where, name = argument.path[:-1], argument.path[-1]
            part = parts.get(where)
            if part is None:
                part = parts[where] = body.setdefault(where[-1], {})
            value = given.get(argument.name)
            if value is not None:
                part[name] = value
        if unknown:
            parts[model.arguments[0].path[:-1]].update(unknown)
            self._refuse_unknown(model, body, unknown)
        return body

    def _refuse_unknown(self, model: Model, body: dict[str, Any], unknown: dict[str, Any]) -> None:
        """Say which argument was meant, by the caller's names, beside whatever else is wrong."""
        names = [argument.name for argument in model.arguments]
        faults: list[Fault] = []
        self._check(model)(body, "", faults)
        for index, fault in enumerate(faults):
            name = fault.path.rpartition(".")[2]
            if fault.rule == "additionalProperties" and name in unknown:
                message = f"no such argument; the arguments are {', '.join(names)}{near(name, names)}"
                faults[index] = fault._replace(message=message)
        if faults:
            raise InvalidInputError(faults)

    def _check(self, model: Model) -> Check:
        check = self._checks.get(model.name)
        if check is None:
            check = self._checks[model.name] = compile_schema(model.schema)
        return check

    def create(self, model: Model, body: dict[str, Any], give: Give[T]) -> Flow[T]:
        """Check and send a create. Repeats only what was certainly refused and is declared repeatable.

        Raises `InvalidInputError` (nothing sent), `ApiError` (refused, no task),
        `ServiceUnreachableError` (nothing sent), `SubmissionUnknownError` (maybe a task).
        """
        validate(self._check(model), body)
        prepared = self.operation(self.workflow.create)
        content = encode(body)
        attempt = 0
        while True:
            sent_at = datetime.now(UTC)
            wait: float | None = None
            try:
                reply: Reply = yield Send(lambda: prepared.request({}, content))
                data = self._judge.data(reply, prepared.shape)
                task_id: str = dig(data, self.workflow.created_id)
                return give(task_id, data, self.clock())
            except ServiceUnreachableError as error:
                wait = self._repeat_after(error, attempt)
                if wait is None:
                    raise
            except ApiError as error:
                if not self._judge.created_nothing(error):
                    raise self._unknown(content, sent_at, error) from error
                code = self._judge.code(error)
                if not (code and code.repeat_create and attempt + 1 < self.contract.retry.attempts):
                    raise
                wait = self.pause(error, attempt)
            except (ReplyLostError, ResponseFormatError) as error:
                raise self._unknown(content, sent_at, error) from error
            attempt += 1
            yield Sleep(wait)

    @staticmethod
    def _unknown(content: bytes, sent_at: datetime, error: KieError) -> SubmissionUnknownError:
        return SubmissionUnknownError(
            f"the task may or may not exist, and may have been charged: {error}. It was not sent again; "
            "look at the account's task log before you do",
            fingerprint=sha256(content).hexdigest(),
            sent_at=sent_at,
        )

    # ---- Reading tasks ---------------------------------------------------------------------

    def read(
        self, task_id: str, give: Give[T], created: float | None = None, deadline: float | None = None
    ) -> Flow[T]:
        """Read a task once. A failure that the service reports as a body code is a failed task too."""
        try:
            record = yield from self.call(
                self.workflow.poll, {self.workflow.poll_argument: task_id}, deadline
            )
        except ApiError as error:
            code = self._judge.code(error)
            if not (code and code.query == "failed"):
                error.task_id = task_id
                raise
            record = self._failed(error)
        except KieError as error:
            error.task_id = task_id
            raise
        return give(task_id, record, created)

    def scrub(self, text: str) -> str:
        """Take the key out of the service's words, for an error."""
        return self._judge.scrub(text)

    def too_early(self, error: KieError, created: float | None) -> bool:
        """Whether a task that we just created may simply not be visible yet."""
        if created is None or not isinstance(error, ApiError):
            return False
        code = self._judge.code(error)
        fresh = self.clock() - created < self.workflow.wait.grace
        return fresh and code is not None and code.query == "not-visible"

    def _failed(self, error: ApiError) -> dict[str, Any]:
        """The record of a task whose failure came as a body code."""
        outputs = self.workflow.outputs
        return {
            outputs["state"].pointer[0]: self.workflow.wait.failure[0],
            outputs["fail_code"].pointer[0]: str(error.code),
            outputs["fail_msg"].pointer[0]: error.msg,
        }
