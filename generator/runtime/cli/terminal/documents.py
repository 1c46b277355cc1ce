"""The JSON Schema of each command's `--json` document.

A program may rely on them: a member is removed or changed only with a new major version. New optional
members may be added.
"""

from typing import Any

from ...contract.facts import facts_of, returning
from ..package import Package

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_TEXTS = {"type": "array", "items": _TEXT}
_TIME = {"type": "string", "format": "date-time"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_TASK_OPTIONAL = {
    "created_at": _TIME,
    "completed_at": _TIME,
    "expires_at": _TIME,
    "credits": _NUMBER,
    "fail_code": _or_null(_TEXT),
    "fail_msg": _or_null(_TEXT),
    "urls": _TEXTS,
}
_TASK = _object({"id": _TEXT, "state": _TEXT}, _TASK_OPTIONAL)
_SAVED_TASK = _object({"id": _TEXT, "state": _TEXT, "paths": _TEXTS}, _TASK_OPTIONAL)
_RESUMED_TASK = _object(
    {"id": _TEXT, "state": _TEXT, "paths": _TEXTS}, _TASK_OPTIONAL | {"contact_sheet": _TEXT}
)
_PICTURE = _object(
    {"argument": _TEXT},
    {
        "name": _TEXT,
        "media_type": _TEXT,
        "size": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "bytes": {"type": "integer"},
        "sha256": _TEXT,
        "url": _TEXT,
        "black": _NUMBER,
        "repainted": _NUMBER,
        "notes": _TEXTS,
    },
)
_REQUEST = {"type": "object", "description": "The body of the request, as the service defines it."}
_EDIT = _object(
    {
        "task": _TASK,
        "paths": _TEXTS,
        "contact_sheet": _or_null(_TEXT),
        "request": _REQUEST,
        "pictures": _list(_PICTURE),
    }
)
_DRY_RUN = _object({"request": _REQUEST, "pictures": _list(_PICTURE), "credits": _or_null(_NUMBER)})
_UNKNOWN = _object(
    {
        "idempotency_key": _TEXT,
        "model": _TEXT,
        "sent_at": _TIME,
        "credits": _or_null(_NUMBER),
        "price": _or_null(_NUMBER),
        "currency": _TEXT,
        "task_id": _or_null(_TEXT),
    }
)
_FINDING = _object(
    {"name": _TEXT, "ok": {"type": "boolean"}, "found": _TEXT, "fix": _TEXT, "status": _TEXT},
    {"command": _TEXT},
)
_PRICE = _or_null(
    _object(
        {
            "by": _or_null(_TEXT),
            "times": _or_null(_TEXT),
            "currency": _TEXT,
            "values": {
                "type": "object",
                "additionalProperties": _object({"credits": _NUMBER, "money": _NUMBER}),
            },
        }
    )
)
_FIELD = _object(
    {
        "name": _TEXT,
        "type": _TEXT,
        "required": {"type": "boolean"},
        "default": {},
        "choices": _or_null({"type": "array"}),
        "limits": _TEXTS,
        "text": _TEXT,
    }
)
_SCHEMAS: dict[str, dict[str, Any]] = {
    "edit": {"anyOf": [_EDIT, _DRY_RUN]},
    "generate": {"anyOf": [_EDIT, _DRY_RUN]},
    "resume": _list(_RESUMED_TASK),
    "unknown": _list(_UNKNOWN),
    "attach": _TASK,
    "resend": _TASK,
    "mark-done": _object({"id": _TEXT, "done": {"const": True}}),
    "status": _TASK,
    "wait": _SAVED_TASK,
    "upload": _list({"type": "object"}),
    "download": _SAVED_TASK,
    "credits": _object({"credits": _NUMBER}),
    "models": _list(_object({"model": _TEXT, "price": _PRICE, "required": _TEXTS, "optional": _TEXTS})),
    "show": _object(
        {"model": _TEXT, "resource": _TEXT, "price": _PRICE, "fields": _list(_FIELD), "rules": _TEXTS}
    ),
    "schema": {"type": "object"},
    "verify-callback": _TASK,
    "doctor": _list(_FINDING),
}


def document_schemas(package: Package) -> dict[str, dict[str, Any]]:
    """Return the schema of each command's document. That of `upload` is what the service declares."""
    uploads = [
        operation.data
        for operation in package.contract.operations.values()
        if "file.url" in facts_of(operation.reply)
    ]
    known = _SCHEMAS | {"upload": _list({"anyOf": uploads})}
    has = {
        "edit": "edit" in package.commands,
        "generate": "generate" in package.commands,
        "upload": bool(uploads),
        "credits": returning(package.contract, "account.credits") is not None,
        "verify-callback": package.verify is not None,
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        name: head | {"title": f"{package.name} {name} --json"} | schema
        for name, schema in known.items()
        if has.get(name, True)
    }
