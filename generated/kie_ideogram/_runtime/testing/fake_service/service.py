"""The service without HTTP: it checks each call, acts on it, and builds the reply."""

import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from math import inf
from typing import Any, NamedTuple
from uuid import uuid4

from ...contract.facts import facts_of
from ...contract.json_schema import Check, compile_schema
from ...contract.model import CannedReply, Contract, Model, Operation, Repaint, is_mask
from ...contract.pointer import get_pointer
from ...contract.pricing import count, price, price_of_one
from ...core.errors import Fault
from ...media.formats import PNG
from ...media.sniff import extension
from ..clock import SandboxClock
from ..scenario import FILES, Step
from .account import Account
from .clips import make_clip, result_type
from .files import PREFIX, RESULTS, FileStore, StoredFile
from .images import collect_pictures
from .renderer import RenderJob, render
from .replies import RefusedError, callback_body, canned_reply, fill, http_status, in_envelope
from .tasks import Failure, Task, Tasks
from .uploads import CONTENTS, make_link, store_upload

# A task takes this many seconds for each credit of one picture: 12 to 24 s for the declared prices.
# Recorded tasks took 12 to 112 s.
SECONDS_PER_CREDIT = 1.0

# The same for a model without a declared price.
SECONDS = 15.0


class Call(NamedTuple):
    """One request: its API key, the base URL under which it reached the sandbox, and its arguments."""

    operation: str
    key: str
    base: str
    arguments: Any
    fault: str = ""
    """Why the request cannot be read; empty if it can."""


class Answer(NamedTuple):
    """A reply: its HTTP status and its body."""

    status: int
    body: Any
    type: str = "application/json"

    @property
    def content_type(self) -> str:
        """The header `Content-Type`."""
        return f"{self.type};charset=UTF-8"


class Report(NamedTuple):
    """The callback of a task that has ended."""

    task_id: str
    url: str
    payload: dict[str, Any]


class AnsweredCall(NamedTuple):
    """A call and its body code; if it was refused, why, and whether a scenario asked for that."""

    operation: str
    code: int
    reason: str = ""
    scripted: bool = False
    time: float = 0
    """Unix time, seconds."""


class Service:
    """Answers calls. `changed` guards all of its state, and is notified of each change."""

    def __init__(
        self,
        contract: Contract,
        clock: SandboxClock,
        *,
        keys: Iterable[str],
        balance: float,
        scale: float,
        visible_after: float,
        repaint: Repaint,
    ) -> None:
        self.account = Account(keys, balance, contract.rate_limits)
        self.store = FileStore()
        self.tasks = Tasks()
        self.calls: list[AnsweredCall] = []
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
        self._handlers = {name: self._handler(entry) for name, entry in contract.operations.items()}
        self._models = {name: compile_schema(model.schema) for name, model in contract.models.items()}

    # ---- Calls -----------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """Return the reply to a call."""
        operation = self._contract.operations[call.operation]
        data, reason, scripted = None, "", False
        with self.changed:
            try:
                self.account.admit(operation.name, call.key, self._clock.now())
                self.settle()
                if call.fault:
                    raise RefusedError("invalid", call.fault)
                self._check_schema(self._checks[operation.name], call.arguments)
                data = fill(operation.reply, self._handlers[operation.name](operation, call))
                reply = canned_reply(self._contract, operation, "accepted")
            except RefusedError as refused:
                reply = refused.reply or canned_reply(
                    self._contract, operation, refused.situation, refused.reason
                )
                reason = refused.reason or reply.msg
                scripted = refused.reply is not None or self._is_hidden(call)
            self._record_call(operation.name, reply.code, reason, scripted=scripted)
            self.changed.notify_all()
        return self._answer(operation, reply, data)

    def _answer(self, operation: Operation | None, reply: CannedReply, data: Any = None) -> Answer:
        status = http_status(self._contract, operation, reply)
        body, good = in_envelope(self._contract, operation, reply, data), status < 400
        return Answer(status, body) if good else Answer(status, body, self._contract.envelope.failure_type)

    def no_path(self, method: str, path: str) -> Answer:
        """Return the reply for an unknown path."""
        reply = canned_reply(self._contract, None, "no-path")
        self._record_call(f"{method} {path}", reply.code, "no operation has this method and path")
        return self._answer(None, reply)

    def refusal(self, name: str, code: int, msg: str) -> Answer:
        """Return the reply to a call that a scenario refuses."""
        declared = self._contract.codes.get(code)
        msg = msg or (declared.meaning if declared else "scripted")
        self._record_call(name, code, msg, scripted=True)
        operation = self._contract.operations.get(name)
        return self._answer(operation, CannedReply(code, msg))

    def prepare(self, step: Step) -> None:
        """Prepare the task of the next submission as a scenario describes it."""
        if step.fail is not None:
            code, msg = (
                step.fail.get("code", "GENERATION_FAILED"),
                step.fail.get("msg", "The generation task failed."),
            )
            query_code = step.fail.get("query_code")
            self.fail_next(Failure(code, msg, CannedReply(query_code, msg) if query_code else None))
        if step.visible_after is not None:
            with self.changed:
                self._hidden.append(step.visible_after)

    def _is_hidden(self, call: Call) -> bool:
        """Whether a call names a task that is not visible yet."""
        return isinstance(call.arguments, dict) and any(
            isinstance(value, str) and self.tasks.get(value, inf) is not None
            for value in call.arguments.values()
        )

    def now(self) -> float:
        """Return Unix time, seconds."""
        return self._clock.now()

    def state_of(self, task: Task) -> str:
        """Return the state of a task."""
        return task.state(self._clock.now(), self._contract.workflow.wait)

    def file(self, path: str) -> StoredFile | None:
        """Return an upload or a result, unless it has expired."""
        with self.changed:
            found = self.store.get(path, self._clock.now())
            if found is None:
                self._record_call(FILES, 404, f"{PREFIX}{path} does not exist or has expired")
            return found

    def _record_call(self, operation: str, code: int, reason: str = "", *, scripted: bool = False) -> None:
        with self.changed:
            self.calls.append(AnsweredCall(operation, code, reason, scripted, self._clock.now()))

    # ---- Time ------------------------------------------------------------------------------

    def settle(self) -> None:
        """End the tasks that are due: store their results or refund them, and report them."""
        with self.changed:
            for task in self.tasks.end_due(self._clock.now()):
                if task.failure:
                    self.account.refund(task.id, task.cost)
                    task.refunded = task.cost
                for result in task.results:
                    self.store.add(result)
                if task.callback_url:
                    self._reports.append(Report(task.id, task.callback_url, self._callback_payload(task)))

    def callback_payload(self, task_id: str) -> dict[str, Any] | None:
        """Return the body of the callback of a task; None unless the task has ended."""
        with self.changed:
            self.settle()
            task = self.tasks.get(task_id, inf)
            return self._callback_payload(task) if task and task.ended else None

    def _callback_payload(self, task: Task) -> dict[str, Any]:
        contract = self._contract
        assert contract.delivery, "without callbacks, no submission names a callback's URL"
        reply = canned_reply(contract, None, "failed" if task.failure else "succeeded")
        template = contract.operations[contract.workflow.poll].reply
        record = fill(template, task.facts(self._clock.now(), contract.workflow))
        return callback_body(contract, contract.delivery, reply, record)

    def take_reports(self) -> list[Report]:
        """Return the reports since the last call."""
        with self.changed:
            reports, self._reports = self._reports, []
            return reports

    def seconds_until_due(self) -> float | None:
        """Return the seconds until a task ends or a report is ready; None if no task is under way."""
        with self.changed:
            due = self.tasks.next_due()
            if self._reports:
                return 0.0
            return None if due is None else max(0.0, due - self._clock.now())

    def fail_next(self, failure: Failure) -> None:
        """Make the task of the next accepted submission fail; further calls affect the tasks after it."""
        with self.changed:
            self._failures.append(failure)

    # ---- Operations ------------------------------------------------------------------------

    def _handler(self, operation: Operation) -> Callable[[Operation, Call], dict[str, Any]]:
        """Return what serves an operation: its role in the workflow, or what it takes and returns."""
        if operation.name in self._contract.workflow.creates:
            return self._create
        if operation.name == self._contract.workflow.poll:
            return self._read
        if operation.method == "DELETE":
            return self._delete
        returned, taken = {*facts_of(operation.reply)}, {one.holds for one in operation.arguments}
        if "file.url" in returned and not taken.isdisjoint(CONTENTS):
            return self._upload
        if "link.url" in returned and "result.url" in taken:
            return self._link
        return self._credits if "account.credits" in returned else self._other

    def _create(self, operation: Operation, call: Call) -> dict[str, Any]:
        model, body = self._request(operation, call.arguments)
        now = self._clock.now()
        pictures = collect_pictures(model, body, lambda url: self.store.find(url, call.base, now))
        task_id, delivery = uuid4().hex, self._contract.delivery
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
            callback_url=get_pointer(body, delivery.url) if delivery else None,
            failure=self._failures.pop(0) if self._failures else None,
        )
        if not task.failure:
            task.results = self._results(task, pictures)
        self.tasks.add(task)
        return task.facts(now, self._contract.workflow)

    def _request(self, operation: Operation, body: Any) -> tuple[Model, dict[str, Any]]:
        """Return the model and body of a submission that is valid by the model's schema."""
        models = {m.name: m for m in self._contract.models.values() if m.operation == operation.name}
        first = next(iter(models.values()))
        members = body if isinstance(body, dict) else {}
        name = members.get(first.discriminator) if first.discriminator else first.name
        if isinstance(name, str) and name not in models:
            raise RefusedError("unknown")
        if not isinstance(name, str):
            raise RefusedError("invalid", f"{first.discriminator}: expected the name of a model")
        self._check_schema(self._models[name], body)
        return models[name], body

    def _results(self, task: Task, pictures: dict[str, list[StoredFile]]) -> list[StoredFile]:
        """Return the results of a task. Each is rendered when it is first downloaded."""
        seeds = [get_pointer(task.body, a.path) for a in task.model.arguments if a.holds == "seed"]
        given = next((seed for seed in seeds if seed is not None), task.id)
        content = {role: [file.read() for file in files] for role, files in pictures.items()}
        sources = [
            each
            for role, found in content.items()
            if role != "picture" and not is_mask(role)
            for each in found
        ]
        results = []
        for number in range(1, count(task.model, task.body) + 1):
            job = RenderJob(
                picture=next(iter(content.get("picture", ())), None),
                mask=next(iter(content.get("mask", ())), None),
                sources=tuple(sources),
                size=_asked_size(task),
                repaint=self._repaint,
                seed=f"{given} {number} {_other_arguments(task)}",
            )
            life = self._contract.workflow.outputs["urls"]
            media_type = result_type(task.model.media or self._contract.media)
            path = f"{RESULTS}{task.id}-{number}{extension(media_type)}"
            if media_type == PNG:
                read = cache(partial(render, job))
            else:
                read = cache(partial(make_clip, media_type, job.seed))
            expires, renewable_until = task.due + (life.lifetime or inf), task.due + life.stored
            results.append(StoredFile(path, media_type, None, expires, read, renewable_until))
        return results

    def _read(self, operation: Operation, call: Call) -> dict[str, Any]:
        workflow = self._contract.workflow
        asked = next(a.path[0] for a in operation.arguments if a.name == workflow.poll_argument)
        task = self.tasks.get(call.arguments[asked], self._clock.now())
        if task is None:
            raise RefusedError("unknown")
        if task.ended and task.failure and task.failure.reply:
            raise RefusedError("failed", reply=task.failure.reply)
        return task.facts(self._clock.now(), workflow)

    def _delete(self, operation: Operation, call: Call) -> dict[str, Any]:
        facts = self._other(operation, call)
        if not any(self.tasks.remove(value) for value in call.arguments.values()):
            raise RefusedError("unknown")
        return facts

    def _other(self, operation: Operation, call: Call) -> dict[str, Any]:
        """Return the facts of the task that a call names. The sandbox does nothing else for it."""
        given = [value for value in call.arguments.values() if isinstance(value, str)]
        tasks = (self.tasks.get(value, self._clock.now()) for value in given)
        task = next((task for task in tasks if task), None)
        return task.facts(self._clock.now(), self._contract.workflow) if task else {}

    def _upload(self, operation: Operation, call: Call) -> dict[str, Any]:
        return store_upload(self.store, operation, call.arguments, call.base, self._clock.now())

    def _link(self, operation: Operation, call: Call) -> dict[str, Any]:
        return make_link(self.store, operation, call.arguments, call.base, self._clock.now())

    def _credits(self, operation: Operation, call: Call) -> dict[str, Any]:
        balance = self.account.balance
        return {"account.credits": int(balance) if balance == int(balance) else balance}

    @staticmethod
    def _check_schema(check: Check, value: Any) -> None:
        """Raise `RefusedError` with the first fault of a value."""
        faults: list[Fault] = []
        check(value, "", faults)
        if faults:
            path, _, message = faults[0]
            raise RefusedError("invalid", f"{path or 'the body'}: {message}")


def _asked_size(task: Task) -> tuple[int, int] | None:
    """Return the size in pixels that the task asks for; None if the model has no such argument."""
    pixels = task.model.pixels
    if pixels is None:
        return None
    return pixels.sizes.get(get_pointer(task.body, pixels.path) or pixels.default)


def _other_arguments(task: Task) -> str:
    """Return the arguments of a task but its pictures, whose URLs change with every upload."""
    pictures = {image.path for image in task.model.images}
    plain = [a.path for a in task.model.arguments if a.path not in pictures and len(a.path) > 1]
    return repr([get_pointer(task.body, path) for path in plain])
