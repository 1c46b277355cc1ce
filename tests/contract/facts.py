"""Reads `facts.yaml`, the facts of the contract that the tests rely on."""

import copy
import re
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

DATA: dict[str, Any] = yaml.load(
    Path(__file__).with_name("facts.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
)


class Field(NamedTuple):
    """A field of a request."""

    call: str
    at: str
    argument: str
    required: Any
    default: Any
    sends: Any
    options: tuple[str, ...]
    max_length: int | None
    accepts: tuple[Any, ...]
    refuses: tuple[tuple[str, Any], ...]
    near: dict[str, str]
    misspelt: tuple[str, ...]
    misspelt_at: tuple[str, ...]
    former: tuple[str, ...]

    @property
    def path(self) -> tuple[str | int, ...]:
        """The place in a body: `input.urls[0]` → input, urls, 0."""
        return tuple(int(name) if name.isdigit() else name for name in re.findall(r"\w+", self.at))


class Code(NamedTuple):
    """A result code."""

    code: int
    name: str
    exception: str
    meaning: str
    create: Literal["accepted", "refused", "unknown"]
    query: Literal["error", "failed", "not-visible"]
    retried: tuple[str, ...]
    charged: str

    def requests(self, kind: Literal["create", "query"]) -> int:
        """How many requests the client sends if each one is answered with this code."""
        return ATTEMPTS if kind in self.retried else 1


def _value(written: Any) -> Any:
    return written["text"] * written["times"] if isinstance(written, dict) else written


def _field(call: str, at: str, row: dict[str, Any]) -> Field:
    options, limit = tuple(row.get("enum", ())), row.get("maxLength")
    accepts = [
        *options,
        *map(_value, row.get("accepts", ())),
        *([row["given"]] if "given" in row else []),
    ]
    refuses = [(rule, _value(each)) for rule, values in row.get("refuses", {}).items() for each in values]
    if limit:
        # U+1F600 has two units in UTF-16 and four bytes in UTF-8, but is one character.
        accepts += [char * limit for char in ("x", "造", "\U0001f600")]
        refuses += [("maxLength", char * (limit + 1)) for char in ("x", "造", "\U0001f600")]
    return Field(
        call=call,
        at=at,
        argument=row.get("argument", ""),
        required=row.get("given"),
        default=row.get("default"),
        sends=row.get("sends"),
        options=options,
        max_length=limit,
        accepts=tuple(accepts),
        refuses=tuple(refuses),
        near=row.get("near", {}),
        misspelt=tuple(row.get("misspelt", ())),
        misspelt_at=tuple(row.get("misspelt-at", ())),
        former=tuple(row.get("former", ())),
    )


def _code(number: int, row: dict[str, Any]) -> Code:
    return Code(
        code=number,
        name=row.get("name", ""),
        exception=row.get("exception", ""),
        meaning=row["meaning"],
        create=row["create"],
        query=row.get("query", "error"),
        retried=tuple(row.get("retried", ())),
        charged=row.get("charged", ""),
    )


ATTEMPTS: int = DATA["attempts"]
MODEL: str = DATA["model"]
FIELDS = (
    *(_field("create", at, row) for at, row in DATA["models"][MODEL]["fields"].items()),
    *(_field(row["call"], row["at"], row) for row in DATA["fields"]),
)
CODES = {number: _code(number, row) for number, row in DATA["codes"].items()}
# Every code but success.
FAILURES = {number: code for number, code in CODES.items() if code.create != "accepted"}

ARGUMENTS = {field.argument: field for field in FIELDS if field.call == "create" and field.argument}
REQUIRED = {name: field for name, field in ARGUMENTS.items() if field.required is not None}
OPTIONAL = {name: field for name, field in ARGUMENTS.items() if name not in REQUIRED}
# A required field with free text.
TEXT = next(field for field in REQUIRED.values() if field.max_length)


class Member(NamedTuple):
    """A member of the input of a model."""

    type: str
    required: bool
    options: list[str]
    default: Any
    holds: str
    recorded: bool
    limits: dict[str, Any]
    item_limits: dict[str, Any]
    image: dict[str, Any]

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Member":
        """Read a row of the table."""
        limits = {key: row[key] for key in LIMITS if key in row}
        return cls(
            row["type"],
            row.get("required", False),
            row.get("enum", []),
            row.get("default"),
            row.get("holds", ""),
            row.get("recorded", True),
            limits,
            row.get("items", {}),
            row.get("image", {}),
        )


LIMITS = ("maxLength", "minimum", "maximum", "minItems", "format")


class ModelFacts(NamedTuple):
    """What the table has about a model; `row` has the rest."""

    members: dict[str, Member]
    row: dict[str, Any]

    @property
    def required(self) -> list[str]:
        """The required members of the input."""
        return [name for name, member in self.members.items() if member.required]

    @property
    def omitted(self) -> float:
        """The credits of a task with only the required fields."""
        speed = self.members["rendering_speed"].default or self.row["assumed"]
        return float(self.row["prices"][speed])

    @property
    def images(self) -> dict[str, dict[str, Any]]:
        """The images by member."""
        return {name: member.image for name, member in self.members.items() if member.image}


def _model(row: dict[str, Any]) -> ModelFacts:
    members = {at.removeprefix("input."): each for at, each in row["fields"].items() if "type" in each}
    members.pop("callBackUrl", None)
    return ModelFacts({name: Member.read(each) for name, each in members.items()}, row)


MODELS = {name: _model(row) for name, row in DATA["models"].items()}
# The models next to that of `FIELDS`.
SIBLINGS = {name: model for name, model in MODELS.items() if name != MODEL}


def endpoint(operation: str) -> str:
    """Return the URL of an operation."""
    row = DATA["operations"][operation]
    return str(DATA["servers"][row["server"]] + row["path"])


def least(call: str) -> dict[str, Any]:
    """Return the smallest valid arguments of a call."""
    return {f.argument: f.required for f in FIELDS if f.call == call and f.required is not None}


def body(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a submission with these arguments."""
    made: dict[str, Any] = {"model": MODEL}
    for name, value in arguments.items():
        *parents, last = ARGUMENTS[name].path
        target = made
        for parent in parents:
            target = target.setdefault(str(parent), {})
        target[str(last)] = value
    return made


def value_at(made: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value at a place in a body; None if there is none."""
    for name in path:
        made = made.get(name) if isinstance(made, dict) else None
    return made


def with_current_names(old: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of an older body of a model, with current names and without removed fields."""
    new = copy.deepcopy(old)
    row = DATA["models"].get(old.get("model"), {})
    former = {at: field["former"] for at, field in row.get("fields", {}).items() if "former" in field}
    for at in (*former, *row.get("removed", ())):
        *parents, name = at.split(".")
        target = new
        for parent in parents:
            target = target.get(parent, {})
        for gone in former.get(at, ()):
            if gone in target:
                target[name] = target.pop(gone)
        if at not in former:
            target.pop(name, None)
    return new
