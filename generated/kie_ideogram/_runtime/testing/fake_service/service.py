"""The service itself, without HTTP: who may call, what is checked, what is kept, what is answered."""

import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from math import inf
from typing import Any, NamedTuple
from uuid import uuid4

from ...contract.json_schema import Check, compile_schema
from ...contract.model import Contract, Model, Operation, Verdict
from ...contract.pointer import get_pointer
from ...contract.pricing import count, price, price_of_one
from ...core.errors import Fault
from ..clock import Clock
from ..scenario import FILES, Step
from .account import Account
from .files import PREFIX, RESULTS, Store, Stored
from .images import gather
from .painter import RenderJob, Repaint, paint
from .replies import RefusedError, enveloped, fill, verdict
from .tasks import Failure, Task, Tasks
from .uploads import link, upload

# A dearer picture takes longer: so many seconds for each credit, which makes 12 to 24 for the
# declared prices. Recorded image tasks took 12 to 112.
SECONDS_PER_CREDIT = 1.0

# For a model without a declared price.
SECONDS = 15.0


class Call(NamedTuple):
    """One request: the key it came with, the URL under which it reached us, and what it says."""

    operation: str
    key: str
    base: str
    arguments: Any
    fault: str = ""
    """Why the request cannot be read at all."""


class Report(NamedTuple):
    """A settled task that is to be reported to its caller."""

    task_id: str
    url: str
    payload: dict[str, Any]


class Answered(NamedTuple):
    """One call as it was answered, for audits: why it was refused, and whether a scenario wanted that."""

    operation: str
    code: int
    reason: str = ""
    scripted: bool = False


class Service:
    """Answers calls. `changed` guards everything in here, and is notified whenever something changed."""

    def __init__(
        self,
        contract: Contract,
        clock: Clock,
        *,
        keys: Iterable[str],
        balance: float,
        scale: float,
        visible_after: float,
        repaint: Repaint,
    ) -> None:
        self.account = Account(keys, balance, contract.rate_limits)
        self.store = Store()
        self.tasks = Tasks()
        self.calls: list[Answered] = []
        self.changed = threading.Condition()
        self._contract = contract
        self._clock = clock
        self._scale = scale
        self._visible_after = visible_after
        self._repaint: Repaint = repaint
        self._failures: list[Failure] = []
        self._hidden: list[float] = []
        self._reports: list[Report] = []
        self._checks = {name: compile_schema(entry.schema) for name, entry in contract.operations.items()}
        self._handlers = {
            name: handler
            for name, entry in contract.operations.items()
            if (handler := self._handler(entry)) is not None
        }
        self._models = {name: compile_schema(model.schema) for name, model in contract.models.items()}

    # ---- Calls -----------------------------------------------------------------------------

    def serves(self, operation: Operation) -> bool:
        """Whether there is an answer to an operation, beyond a refusal."""
        return operation.name in self._handlers

    def answer(self, call: Call) -> dict[str, Any]:
        """The whole reply to a call."""
        operation = self._contract.operations[call.operation]
        data, reason, scripted = None, "", False
        with self.changed:
            try:
                self.account.admit(operation.name, call.key, self._clock.now())
                self.settle()
                if call.fault:
                    raise RefusedError("invalid", call.fault)
                self._check(self._checks[operation.name], call.arguments)
                data = fill(operation.reply, self._handlers[operation.name](operation, call))
                said = verdict(self._contract, operation, "accepted")
            except RefusedError as refused:
                said = refused.said or verdict(self._contract, operation, refused.situation, refused.reason)
                reason, scripted = (
                    refused.reason or said.msg,
                    refused.said is not None or self._is_hidden(call),
                )
            self.calls.append(Answered(operation.name, said.code, reason, scripted))
            self.changed.notify_all()
        return enveloped(self._contract, operation, said, data)

    def no_path(self, method: str, path: str) -> dict[str, Any]:
        """The reply where nothing is served."""
        said = verdict(self._contract, None, "no-path")
        with self.changed:
            self.calls.append(Answered(f"{method} {path}", said.code, "nothing is served there"))
        return enveloped(self._contract, None, said, None)

    def refusal(self, name: str, code: int, msg: str) -> dict[str, Any]:
        """The reply to a call that a scenario refuses; nothing is done."""
        declared = self._contract.codes.get(code)
        msg = msg or (declared.meaning if declared else "scripted")
        with self.changed:
            self.calls.append(Answered(name, code, msg, scripted=True))
        return enveloped(self._contract, self._contract.operations.get(name), Verdict(code, msg), None)

    def prepare(self, step: Step) -> None:
        """Arrange what a scenario wants of the task that the next create call makes."""
        if step.fail is not None:
            code, msg = (
                step.fail.get("code", "GENERATION_FAILED"),
                step.fail.get("msg", "The generation task failed."),
            )
            query_code = step.fail.get("query_code")
            self.fail_next(Failure(code, msg, Verdict(query_code, msg) if query_code else None))
        if step.visible_after is not None:
            with self.changed:
                self._hidden.append(step.visible_after)

    def _is_hidden(self, call: Call) -> bool:
        """Whether a call asks for a task that is only not visible yet."""
        return isinstance(call.arguments, dict) and any(
            isinstance(value, str) and self.tasks.get(value, inf) is not None
            for value in call.arguments.values()
        )

    def state_of(self, task: Task) -> str:
        """Where a task stands now."""
        return task.state(self._clock.now(), self._contract.workflow.wait)

    def file(self, path: str) -> Stored | None:
        """An uploaded or painted file, as long as it lives."""
        with self.changed:
            found = self.store.get(path, self._clock.now())
            if found is None:
                self.calls.append(Answered(FILES, 404, f"{PREFIX}{path} is not there, or no longer"))
            return found

    # ---- Time ------------------------------------------------------------------------------

    def settle(self) -> None:
        """End the tasks whose time has come: results or refunds, and reports."""
        contract = self._contract
        with self.changed:
            for task in self.tasks.settle(self._clock.now()):
                if task.failure:
                    self.account.refund(task.id, task.cost)
                for result in task.results:
                    self.store.add(result)
                if task.call_back_url:
                    said = verdict(contract, None, "failed" if task.failure else "succeeded")
                    record = fill(
                        contract.operations[contract.workflow.poll].reply,
                        task.facts(self._clock.now(), contract.workflow),
                    )
                    payload = enveloped(contract, None, said, record)
                    self._reports.append(Report(task.id, task.call_back_url, payload))

    def take_reports(self) -> list[Report]:
        """The reports that nobody has taken yet."""
        with self.changed:
            reports, self._reports = self._reports, []
            return reports

    def rest(self) -> float | None:
        """Seconds until there is something to settle or report; None while nothing is under way."""
        with self.changed:
            due = self.tasks.next_due()
            if self._reports:
                return 0.0
            return None if due is None else max(0.0, due - self._clock.now())

    def fail_next(self, failure: Failure) -> None:
        """Make the next accepted create call's task fail; calls queue up."""
        with self.changed:
            self._failures.append(failure)

    # ---- Operations ------------------------------------------------------------------------

    def _handler(self, operation: Operation) -> Callable[[Operation, Call], dict[str, Any]] | None:
        """What serves an operation, told by its place in the workflow or by what its reply holds."""
        if operation.name == self._contract.workflow.create:
            return self._create
        if operation.name == self._contract.workflow.poll:
            return self._read
        held = operation.reply.values() if isinstance(operation.reply, dict) else [operation.reply]
        by_fact = {"file.url": self._upload, "link.url": self._link, "account.credits": self._credits}
        return next((handler for fact, handler in by_fact.items() if fact in held), None)

    def _create(self, operation: Operation, call: Call) -> dict[str, Any]:
        model, body = self._request(call.arguments)
        now = self._clock.now()
        pictures = gather(model, body, lambda url: self.store.find(url, call.base, now))
        task_id = uuid4().hex
        cost = price(model, body) or 0
        self.account.charge(task_id, cost)
        each = price_of_one(model, body)
        took = self._scale * (SECONDS if each is None else each * SECONDS_PER_CREDIT)
        task = Task(
            id=task_id,
            model=model,
            body=body,
            created=now,
            visible=now + (self._hidden.pop(0) if self._hidden else self._visible_after),
            due=now + took,
            base=call.base,
            cost=cost,
            call_back_url=get_pointer(body, self._contract.delivery.url),
            failure=self._failures.pop(0) if self._failures else None,
        )
        if not task.failure:
            task.results = self._results(task, pictures)
        self.tasks.add(task)
        return {"task.id": task.id}

    def _request(self, body: Any) -> tuple[Model, dict[str, Any]]:
        """The model and body of a create call that satisfies the model's schema."""
        name = body.get(self._contract.discriminator) if isinstance(body, dict) else None
        if isinstance(name, str) and name not in self._contract.models:
            raise RefusedError("unknown")
        if not isinstance(body, dict) or not isinstance(name, str):
            raise RefusedError("invalid", f"{self._contract.discriminator}: expected the name of a model")
        self._check(self._models[name], body)
        return self._contract.models[name], body

    def _results(self, task: Task, pictures: dict[str, Stored]) -> list[Stored]:
        """The task's results. Each is painted when it is first fetched, from what is stored now."""
        seeds = [get_pointer(task.body, a.path) for a in task.model.arguments if a.holds == "seed"]
        given = next((seed for seed in seeds if seed is not None), task.id)
        content = {role: file.read() for role, file in pictures.items()}
        results = []
        for number in range(1, count(task.model, task.body) + 1):
            commission = RenderJob(
                picture=content.get("picture"),
                mask=content.get("mask"),
                reference=content.get("reference"),
                repaint=self._repaint,
                seed=f"{given} {number} {_wishes(task)}",
            )
            life = self._contract.workflow.outputs["urls"]
            path = f"{RESULTS}{task.id}-{number}.png"
            draw = cache(partial(paint, commission))
            expires, kept = task.due + life.lifetime, task.due + life.kept
            results.append(Stored(path, "image/png", None, expires, draw, kept))
        return results

    def _read(self, operation: Operation, call: Call) -> dict[str, Any]:
        workflow = self._contract.workflow
        asked = next(a.path[0] for a in operation.arguments if a.name == workflow.poll_argument)
        task = self.tasks.get(call.arguments[asked], self._clock.now())
        if task is None:
            raise RefusedError("unknown")
        if task.settled and task.failure and task.failure.verdict:
            raise RefusedError("failed", said=task.failure.verdict)
        return task.facts(self._clock.now(), workflow)

    def _upload(self, operation: Operation, call: Call) -> dict[str, Any]:
        return upload(self.store, operation, call.arguments, call.base, self._clock.now())

    def _link(self, operation: Operation, call: Call) -> dict[str, Any]:
        return link(self.store, operation, call.arguments, call.base, self._clock.now())

    def _credits(self, operation: Operation, call: Call) -> dict[str, Any]:
        return {"account.credits": self.account.balance}

    @staticmethod
    def _check(check: Check, value: Any) -> None:
        """Raise `RefusedError` with the first fault of a value."""
        faults: list[Fault] = []
        check(value, "", faults)
        if faults:
            path, _, message = faults[0]
            raise RefusedError("invalid", f"{path or 'the body'}: {message}")


def _wishes(task: Task) -> str:
    """What a task asks for apart from its pictures, which change their URLs with every upload."""
    pictures = {image.path for image in task.model.images}
    plain = [a.path for a in task.model.arguments if a.path not in pictures and len(a.path) > 1]
    return repr([get_pointer(task.body, path) for path in plain])
