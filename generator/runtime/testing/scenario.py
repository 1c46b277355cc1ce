"""Scripts what goes wrong: which call, how often, and how. Read from a file, or given as data.

A scenario is a list of steps. Each is for one operation, for `files` (uploaded and painted ones) or
for `callback`; the first that fits a call is used up by it, `times` times. A step without anything
else lets the call pass.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.json_schema import compile_schema
from ..contract.model import Contract
from ..core.errors import ConfigurationError, Fault
from ..core.extras import missing_extra

FILES = "files"
CALLBACK = "callback"
CREATE = "create"

# What makes sense for one kind of call only.
_ONLY: dict[str, str] = dict.fromkeys(("repeat", "delay", "hold", "drop", "forge"), CALLBACK)
_ONLY |= dict.fromkeys(("fail", "visible_after"), CREATE)

# A ready answer of something in front of the service, by its name.
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
    """What happens to one call, or to `times` of them."""

    call: str
    times: int = 1
    code: int | None = None
    """Answer with this body code instead; nothing is done."""
    msg: str = ""
    page: str = ""
    """Answer with a page of something in front of the service; nothing is done."""
    status: int | None = None
    """Answer with this HTTP status; nothing is done."""
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 # read only
    type: str = ""
    """Answer with this content type."""
    set: dict[str, Any] = {}  # noqa: RUF012 # read only
    """Members of the reply that say something else, by their path in it, with slashes."""
    lose: bool = False
    """Do it, and close the connection without an answer."""
    cut: int | None = None
    """Do it, and close the connection after so many bytes of the answer."""
    slow: float = 0
    """Do it, and answer after so many seconds."""
    fail: dict[str, Any] | None = None
    """Accept the create, and have its task fail: `code`, `msg`, `query_code`."""
    visible_after: float | None = None
    """Accept the create, and hide its task for so many seconds."""
    repeat: int = 0
    """Deliver the callback so many times more."""
    delay: float = 0
    """Deliver it so many seconds late."""
    hold: bool = False
    """Deliver it after the next one."""
    drop: bool = False
    """Do not deliver it."""
    forge: str = ""
    """Deliver it with a wrong `signature`, another `id`, or the opposite `state`."""


class Scenario:
    """The steps that are still to come."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._steps: dict[str, deque[Step]] = {}

    def add(self, source: Source) -> None:
        """Add steps behind those that are there. Raises `ConfigurationError` naming what is wrong in them."""
        for step in read(source, self._contract):
            self._steps.setdefault(step.call, deque()).append(step)

    def take(self, on: str) -> Step | None:
        """The step for a call that is just made, if there is one."""
        steps = self._steps.get(on)
        if not steps:
            return None
        step = steps[0]
        if step.times > 1:
            steps[0] = step._replace(times=step.times - 1)
        else:
            steps.popleft()
        return step

    def left(self) -> list[str]:
        """What was scripted and did not happen: `operation (2 times)`."""
        return [
            f"{step.call} ({step.times} time{'s' * (step.times > 1)})"
            for steps in self._steps.values()
            for step in steps
        ]


def read(source: Source, contract: Contract) -> list[Step]:
    """Read steps. Raises `ConfigurationError` naming each fault and the near miss."""
    name, given = _given(source)
    faults: list[Fault] = []
    compile_schema(_schema(contract))(given, "", faults)
    if faults:
        raise ConfigurationError(
            "; ".join(f"{name}: {fault.path or 'scenario'}: {fault.message}" for fault in faults)
        )
    misplaced = [
        f"{name}: [{number}].{fault}"
        for number, step in enumerate(given)
        for fault in _misplaced(step, contract)
    ]
    if misplaced:
        raise ConfigurationError("; ".join(misplaced))
    return [Step(**step) for step in given]


def _misplaced(step: dict[str, Any], contract: Contract) -> Iterator[str]:
    """Members that would do nothing where they stand."""
    call = step["call"]
    for member in step:
        only = _ONLY.get(member, "")
        if call == CALLBACK and only != CALLBACK and member not in ("call", "times"):
            yield f"{member}: is for calls, not for callbacks"
        elif only == CALLBACK and call != CALLBACK:
            yield f"{member}: is for callbacks, not for {call}"
        elif only == CREATE and call != contract.workflow.create:
            yield f"{member}: is for {contract.workflow.create}, not for {call}"
    if "msg" in step and "code" not in step:
        yield "msg: goes with code, which is missing"
    if "set" in step and (call == FILES or not step.keys().isdisjoint(("status", "page", "body"))):
        yield "set: changes the true JSON answer, and there is none"


def _given(source: Source) -> tuple[str, Any]:
    if isinstance(source, Mapping):
        return "scenario", dict(source)  # it will be told that a list is wanted
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
        import yaml  # JSON needs nothing
    except ModuleNotFoundError as error:
        raise missing_extra(error, "sandbox") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"no YAML: {' '.join(str(error).split())}") from None


def _schema(contract: Contract) -> dict[str, Any]:
    """What a scenario looks like, in the contract's own names."""
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
