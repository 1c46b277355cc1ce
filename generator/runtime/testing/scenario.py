"""Scenarios: faults and states on demand, from a file or from Python data.

A scenario is a list of steps. Each step is for one operation, for `files` (uploads and results) or for
`callback`. A call uses the first step that is left for it, and a step is used `times` times. A step with
no other member answers the call normally.
"""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.json_schema import compile_schema
from ..contract.model import Contract, Operation
from ..contract.suggest import did_you_mean
from ..core.errors import ConfigurationError, Fault
from ..core.extras import missing_extra

FILES = "files"
CALLBACK = "callback"
CREATE = "create"

# Members for one kind of call only.
_ONLY: dict[str, str] = dict.fromkeys(("repeat", "delay", "hold", "drop", "forge"), CALLBACK)
_ONLY |= dict.fromkeys(("fail", "visible_after"), CREATE)

# The response of a proxy in front of the service, by its name.
PAGES: dict[str, dict[str, Any]] = {
    "proxy-502": {
        "status": 502,
        "type": "text/html",
        "body": "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>",
    },
    "cloudflare-403": {"status": 403, "type": "text/plain", "body": "error code: 1010"},
}

Source = str | PathLike[str] | Sequence[Mapping[str, Any]]
"""A file (YAML or JSON), or the steps themselves."""


class Step(NamedTuple):
    """What happens to one call, or to the next `times` calls."""

    call: str
    times: int = 1
    code: int | None = None
    """Refuse the call with this body code."""
    msg: str = ""
    page: str = ""
    """Answer with the page of a proxy, and do not perform the call."""
    status: int | None = None
    """Answer with this HTTP status, and do not perform the call."""
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 # read only
    type: str = ""
    """The content type of the response."""
    set: dict[str, Any] = {}  # noqa: RUF012 # read only
    """Other values for members of the true reply, by path, such as `data/state`."""
    add: dict[str, Any] = {}  # noqa: RUF012 # read only
    """Members that the contract does not declare, by path."""
    lose: bool = False
    """Perform the call, and close the connection without a response."""
    cut: int | None = None
    """Perform the call, and close the connection after this many bytes of the response."""
    slow: float = 0
    """Perform the call, and answer after this many seconds."""
    fail: dict[str, Any] | None = None
    """Accept the submission, and let its task fail: `code`, `msg`, `query_code`."""
    visible_after: float | None = None
    """Accept the submission, and hide its task for this many seconds."""
    repeat: int = 0
    """Deliver the callback this many additional times."""
    delay: float = 0
    """Deliver it this many seconds late."""
    hold: bool = False
    """Deliver it after the next one."""
    drop: bool = False
    """Do not deliver it."""
    forge: str = ""
    """Deliver it with a wrong `signature`, another `id`, or the opposite `state`."""


class Scenario:
    """The steps that are left."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self._steps: dict[str, deque[Step]] = {}

    def add(self, source: Source) -> None:
        """Add steps after those that are left. Raises `ConfigurationError` for invalid steps."""
        steps = read_steps(source, self._contract)
        with self._lock:
            for step in steps:
                self._steps.setdefault(step.call, deque()).append(step)

    def take(self, on: str) -> Step | None:
        """Return the step for a call, if one is left."""
        with self._lock:
            steps = self._steps.get(on)
            if not steps:
                return None
            step = steps[0]
            if step.times > 1:
                steps[0] = step._replace(times=step.times - 1)
            else:
                steps.popleft()
            return step

    def remaining(self) -> list[str]:
        """Describe the steps that are left, such as `getTask (2 times)`."""
        return [
            f"{step.call} ({step.times} time{'s' * (step.times > 1)})"
            for steps in self._steps.values()
            for step in steps
        ]


def read_steps(source: Source, contract: Contract) -> list[Step]:
    """Read steps. Raises `ConfigurationError` that names each fault and the probable name."""
    name, given = _given(source)
    faults: list[Fault] = []
    compile_schema(_schema(contract))(given, "", faults)
    if faults:
        raise ConfigurationError(
            "; ".join(f"{name}: {fault.path or 'scenario'}: {fault.message}" for fault in faults)
        )
    wrong = [
        f"{name}: [{number}].{fault}"
        for number, step in enumerate(given)
        for fault in _wrong_members(step, contract)
    ]
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return [Step(**step) for step in given]


def _wrong_members(step: dict[str, Any], contract: Contract) -> Iterator[str]:
    """Yield the members that have no effect in a step, and the paths that no reply has."""
    call = step["call"]
    for member in step:
        only = _ONLY.get(member, "")
        if call == CALLBACK and only != CALLBACK and member not in ("call", "times"):
            yield f"{member}: is for calls, not for callbacks"
        elif only == CALLBACK and call != CALLBACK:
            yield f"{member}: is for callbacks, not for {call}"
        elif only == CREATE and call not in contract.workflow.creates:
            yield f"{member}: is for {' or '.join(contract.workflow.creates)}, not for {call}"
    if "msg" in step and "code" not in step:
        yield "msg: needs code, which is missing"
    for member in ("set", "add"):
        if member not in step:
            continue
        if call == FILES or not step.keys().isdisjoint(("status", "page", "body")):
            yield f"{member}: changes the true JSON reply, and this step has none"
        elif call in contract.operations:
            yield from _wrong_paths(member, step[member], contract, contract.operations[call])


def _wrong_paths(
    member: str, values: Mapping[str, Any], contract: Contract, operation: Operation
) -> Iterator[str]:
    """Yield the paths of `set` that the reply does not have, and those of `add` that it has."""
    envelope = contract.envelope
    data = contract.data_member(operation)
    known = [envelope.code, *envelope.message] if envelope.code else []
    known += [data] if data else []
    known += [envelope.ok] if operation.says_ok else []
    if isinstance(operation.reply, dict):
        known += [f"{data}/{name}".removeprefix("/") for name in operation.reply]
    for path in values:
        if member == "set" and path not in known:
            hint = did_you_mean(path, known)
            yield f"set: {path!r} is not a member of the reply of {operation.name}{hint}; use add for others"
        elif member == "add" and path in known:
            yield f"add: {path!r} is a member of the reply of {operation.name}; use set"


def _given(source: Source) -> tuple[str, Any]:
    if isinstance(source, Mapping):
        return "scenario", dict(source)  # refused: a list is expected
    if not isinstance(source, str | PathLike):
        return "scenario", [dict(step) if isinstance(step, Mapping) else step for step in source]
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    try:
        return str(path), json.loads(text) if path.suffix == ".json" else _yaml(text)
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _yaml(text: str) -> Any:
    try:
        import yaml  # not needed for JSON
    except ModuleNotFoundError as error:
        raise missing_extra(error, "sandbox") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {' '.join(str(error).split())}") from None


def _schema(contract: Contract) -> dict[str, Any]:
    """Return the schema of a scenario, with the names of the contract."""
    failing = [code for code, entry in contract.codes.items() if entry.query == "failed"]
    text, number = {"type": "string"}, {"type": "number", "minimum": 0}
    members: dict[str, Any] = {
        "call": {"type": "string", "enum": [*contract.operations, FILES, CALLBACK]},
        "times": {"type": "integer", "minimum": 1},
        "code": {"type": "integer"},
        "msg": text,
        "page": {"type": "string", "enum": [*PAGES]},
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "body": text,
        "headers": {"type": "object", "additionalProperties": text},
        "type": text,
        "set": {"type": "object"},
        "add": {"type": "object"},
        "lose": {"type": "boolean"},
        "cut": {"type": "integer", "minimum": 0},
        "slow": {"type": "number", "minimum": 0, "maximum": 60},
        "fail": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"code": text, "msg": text, "query_code": {"type": "integer", "enum": failing}},
        },
        "visible_after": number,
        "repeat": {"type": "integer", "minimum": 0},
        "delay": number,
        "hold": {"type": "boolean"},
        "drop": {"type": "boolean"},
        "forge": {"type": "string", "enum": ["signature", "id", "state"]},
    }
    step = {"type": "object", "required": ["call"], "properties": members, "additionalProperties": False}
    return {"type": "array", "items": step}
