"""Make the wrong values that a value could have by mistake."""

from collections.abc import Iterator
from typing import Any

# Words of a closed list: each of the others is a plausible mistake.
CHOICES: dict[str, tuple[str, ...]] = {
    "create": ("refused", "unknown"),
    "query": ("failed", "not-visible"),
    "charged": ("no", "possibly", "unclear"),
    "repeat": ("create", "query"),
    "role": ("picture", "mask", "reference"),
    "scope": ("account", "key"),
    "in": ("query", "header"),
    "type": ("string", "integer", "boolean", "array", "object"),
    "initial-state": ("waiting", "queuing", "generating", "success"),
}

KINDS = {
    "type": "retype",
    "default": "default",
    "x-client-default": "default",
    "const": "code",
    "create": "retry flag",
    "repeat": "retry flag",
    "query": "state class",
    "charged": "retry flag",
    "x-repeatable": "retry flag",
    "exception": "code",
    "status-only": "code",
    "accepted": "code",
    "code": "code",
    "url": "server",
    "text": "signed text",
    "signature-header": "header name",
    "timestamp-header": "header name",
    "after": "interval",
    "every": "interval",
    "jitter": "interval",
    "deadline": "interval",
    "not-visible-grace": "interval",
    "retryAfter": "interval",
    "base": "interval",
    "cap": "interval",
    "refused-base": "interval",
    "retry-after-cap": "interval",
    "window": "interval",
    "margin": "interval",
    "pause": "interval",
}


def changed(key: str, value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each wrong value with its kind of mistake."""
    kind = KINDS.get(key, "limit" if isinstance(value, int | float) else "value")
    if key == "name" and "in" in schema:
        kind = "header name" if schema["in"] == "header" else "rename"
    yield from ((kind, other) for other in _others(key, value, schema))


def _others(key: str, value: Any, schema: dict[str, Any]) -> Iterator[Any]:
    if key == "default" and value in schema.get("enum", ()):
        yield from (other for other in schema["enum"] if other != value)
    elif key in CHOICES and value in CHOICES[key]:
        # Each type is changed to one other. More would test the same thing four times.
        others = [other for other in CHOICES[key] if other != value]
        yield from others[:1] if key == "type" else others
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value:
            yield value - 1
    elif isinstance(value, float):
        yield value * 2
    elif isinstance(value, str):
        yield from _texts(key, value)


def _texts(key: str, value: str) -> Iterator[str]:
    if key == "text":
        # The signed text: another order, another separator.
        yield ".".join(reversed(value.split(".")))
        yield value.replace(".", "")
    elif key == "url":
        yield value.replace("https://", "https://x-")
    elif value.startswith(("$", "/")):
        yield value + "X"
    elif value:
        yield value + "X" if key != "pattern" else value.removesuffix("$") + "X$"
