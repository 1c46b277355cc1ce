"""What every flow works from: the contract, the key, the clock; and calls that may be repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from random import random
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..contract.describe import describe
from ..contract.json_schema import Check, compile_schema
from ..contract.pointer import get_pointer
from ..contract.suggest import did_you_mean
from ..core.effects import Do, Flow, Send, Sleep, T
from ..core.errors import (
    ApiError,
    Fault,
    InvalidInputError,
    KieError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from .limits.rate_limiter import Turns, Turnstile, paces
from .request import Prepared
from .response import Judge
from .retry import backoff, retry_after

if TYPE_CHECKING:
    from ..contract.model import Contract, Model
    from ..journal.journal import Journal

Give = Callable[[str, dict[str, Any], float | None], T]
"""Makes the caller's kind of task: its id, its record, and when (monotonic) we created it."""


@runtime_checkable
class Written(Protocol):
    """A typed model of a body."""

    def to_dict(self) -> dict[str, Any]:
        """The body."""
        ...


class Core:
    """One client's contract, key and calls, prepared when first made. Shared by threads."""

    def __init__(
        self,
        contract: Contract,
        errors: dict[int, type[ApiError]],
        key: str,
        servers: dict[str, str],
        journal: Journal | None = None,
        turns: Turns | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random,
    ) -> None:
        self.contract = contract
        self.workflow = contract.workflow
        self.journal = journal
        self.server = servers[contract.operations[contract.workflow.create].server]
        """Where tasks live: a job's key means something there and nowhere else."""
        self.clock = clock
        self.wall = wall
        self.chance = chance
        self.judge = Judge(contract.envelope, contract.codes, errors, key)
        self._key = key
        self._servers = servers
        self._prepared: dict[str, Prepared] = {}
        self._checks: dict[str, Check] = {}
        self.turnstile = Turnstile(
            paces(contract.rate_limits, self.server, key, clock), turns or journal, clock
        )

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

    def call(self, name: str, given: dict[str, Any]) -> Flow[Any]:
        """Send one repeatable call, return its data. `given` is by the caller's names; None is left out."""
        prepared = self.operation(name)
        request = prepared.arrange(given)
        prepared.validate(request)
        attempt = 0
        while True:
            try:
                yield from self.turnstile.turn(name)
                reply = yield Send(lambda: prepared.build(request), self.contract.envelope.max_bytes)
                return self.judge.data(reply, prepared.shape)
            except (ServiceUnreachableError, ReplyLostError, ResponseFormatError, ApiError) as error:
                wait = self.repeat_after(error, attempt)
                sent = not isinstance(error, ServiceUnreachableError)
                if wait is None or (sent and not prepared.operation.repeatable):
                    raise
            attempt += 1
            yield Sleep(wait)

    def transient(self, error: KieError) -> bool:
        """Whether a repeatable call may be sent again after this error."""
        if not isinstance(error, ApiError):
            return isinstance(error, ServiceUnreachableError | ReplyLostError | ResponseFormatError)
        code = self.judge.code(error)
        # A proxy's page says nothing about a task, whatever its status means in a body.
        by_proxy = code is not None and code.query == "failed" and self.judge.said(error) is None
        return by_proxy or (code.repeat_query if code else error.code >= 500)

    def repeat_after(self, error: KieError, attempt: int) -> float | None:
        """Seconds after which a repeatable call is sent again; None where it is not."""
        policy = self.contract.retry
        if attempt + 1 >= policy.attempts or not self.transient(error):
            return None
        return self.pause(error, attempt)

    def pause(self, error: KieError, attempt: int) -> float:
        """Seconds to wait after this error before asking again, `Retry-After` heeded."""
        policy = self.contract.retry
        header = error.retry_after if isinstance(error, ApiError) else None
        asked = retry_after(header, self.wall(), policy.retry_after_cap)
        refused = (
            isinstance(error, ApiError)
            and (code := self.judge.code(error)) is not None
            and code.repeat_create
        )
        wait = backoff(policy, attempt, refused=refused, random=self.chance)
        return wait if asked is None else max(asked, wait)

    # ---- Bodies of creates -----------------------------------------------------------------

    def given(self, body: Any) -> tuple[Model, dict[str, Any]]:
        """The model and a copy of a body that the caller wrote. Raises `InvalidInputError`."""
        if isinstance(body, Written):
            body = body.to_dict()
        if not isinstance(body, Mapping):
            raise InvalidInputError([Fault("body", "type", f"expected an object, got {describe(body)}")])
        return self.model(body.get(self.contract.discriminator)), dict(body)

    def model(self, name: Any) -> Model:
        """The model of that name. Raises `InvalidInputError` naming the near miss."""
        models = self.contract.models
        if not isinstance(name, str) or name not in models:
            message = (
                f"no such model; the models are {', '.join(models)}{did_you_mean(str(name), list(models))}"
            )
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
        faults = self.faults(model, body)
        for index, fault in enumerate(faults):
            name = fault.path.rpartition(".")[2]
            if fault.rule == "additionalProperties" and name in unknown:
                message = f"no such argument; the arguments are {', '.join(names)}{did_you_mean(name, names)}"
                faults[index] = fault._replace(message=message)
        if faults:
            raise InvalidInputError(faults)

    def faults(self, model: Model, body: dict[str, Any]) -> list[Fault]:
        """Everything wrong with a create call's body."""
        faults: list[Fault] = []
        self.check(model)(body, "", faults)
        return faults

    def check(self, model: Model) -> Check:
        """What checks a body of the model, compiled once."""
        check = self._checks.get(model.name)
        if check is None:
            check = self._checks[model.name] = compile_schema(model.schema)
        return check

    # ---- Reading tasks ---------------------------------------------------------------------

    def read(self, task_id: str, give: Give[T], created: float | None = None) -> Flow[T]:
        """Read a task once. A failure that the service reports as a body code is a failed task too."""
        asking = self.call(self.workflow.poll, self._asked(task_id))
        return (yield from self._read(task_id, give, created, asking))

    def look(self, task_id: str, give: Give[T], created: float | None, limit: float) -> Flow[T]:
        """The same in one request of at most `limit` seconds, by somebody who has taken the turn for it."""
        return (yield from self._read(task_id, give, created, self._once(self._asked(task_id), limit)))

    def _asked(self, task_id: str) -> dict[str, Any]:
        return {self.workflow.poll_argument: task_id}

    def _once(self, given: dict[str, Any], limit: float) -> Flow[Any]:
        prepared = self.operation(self.workflow.poll)
        request = prepared.arrange(given)
        prepared.validate(request)
        reply = yield Send(lambda: prepared.build(request), self.contract.envelope.max_bytes, limit)
        return self.judge.data(reply, prepared.shape)

    def _read(self, task_id: str, give: Give[T], created: float | None, asking: Flow[Any]) -> Flow[T]:
        try:
            record = yield from asking
        except ApiError as error:
            code = self.judge.code(error)
            if not (code and code.query == "failed" and self.judge.said(error) is not None):
                error.task_id = task_id
                if code and code.query == "not-visible":
                    error.args = (f"{error.args[0]}; this key has no such task, or not yet",)
                raise
            record = self._failed(error)
        except KieError as error:
            error.task_id = task_id
            raise
        named = get_pointer(record, self.workflow.outputs["id"].pointer)
        if isinstance(named, str) and named != task_id:
            message = self.judge.scrub(f"the record is of another task, {describe(named)}")
            other = ResponseFormatError(message, http_status=200)
            other.task_id = task_id
            raise other
        yield from self._note(task_id, record)
        return give(task_id, record, created)

    def _note(self, task_id: str, record: dict[str, Any]) -> Flow[None]:
        """Let the journal know of a task's end."""
        journal = self.journal
        if journal is None:
            return
        state, wait = get_pointer(record, self.workflow.outputs["state"].pointer), self.workflow.wait
        if state in wait.success:
            yield Do(lambda: journal.settled(self.server, task_id, "succeeded"))
        elif state in wait.failure:
            yield Do(lambda: journal.settled(self.server, task_id, "failed"))

    def too_early(self, error: KieError, created: float | None) -> bool:
        """Whether a task that we just created may simply not be visible yet."""
        if created is None or not isinstance(error, ApiError):
            return False
        code = self.judge.code(error)
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
