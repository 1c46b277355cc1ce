"""The reference of the Python package, from its signatures and docstrings."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import kie_ideogram
from kie_ideogram import callbacks, errors
from kie_ideogram.cluster import Cluster
from kie_ideogram.resources.batch import Batch
from kie_ideogram.resources.character_edit import CharacterEdit
from kie_ideogram.resources.credits import Credits
from kie_ideogram.resources.files import Files
from kie_ideogram.resources.tasks import Tasks

_INDENTED = re.compile(r"^    (?P<name>\*{0,2}[\w.]+): (?P<text>.*)$")


def page() -> str:
    """Return the page."""
    parts = [
        "# Python\n",
        "Both clients have the same methods. Await those of `AsyncKie`, or loop with `async for`.\n",
        *_class("Kie", kie_ideogram.Kie),
        "Each [model](models.md) is an attribute of the client. All have the methods of the first one.\n",
        *_class("kie.character_edit", CharacterEdit),
        *_class("kie.batch", Batch),
        *_class("kie.tasks", Tasks),
        *_class("kie.files", Files),
        *_class("kie.credits", Credits),
        *_class("Task", kie_ideogram.Task),
        *_class("cluster.Cluster", Cluster),
        "## `callbacks`\n",
        _docstring(callbacks.__doc__ or ""),
        *_function("callbacks.verify", callbacks.verify),
        "## `errors`\n",
        *(
            f"`{name}`\n: {_first(getattr(errors, name))}\n"
            for name in sorted(errors.__all__)
            if name.endswith("Error")
        ),
    ]
    return "\n".join(parts)


def _first(kind: Any) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split())


def _class(name: str, kind: Any) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield _docstring(kind.__doc__ or "")
    if kind in (kie_ideogram.Kie, Cluster):
        yield _signature(name, kind.__init__)
    for member, value in _members(kind):
        if isinstance(value, property):
            yield f"### `{name}.{member}`\n"
            yield _docstring(value.__doc__ or "")
        else:
            yield from _function(f"{name}.{member}", value)


def _members(kind: Any) -> list[tuple[str, Any]]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        found |= {
            name: value
            for name, value in vars(base).items()
            if not name.startswith("_") and (callable(value) or isinstance(value, property)) and value.__doc__
        }
    return list(found.items())


def _function(name: str, function: Any) -> Iterator[str]:
    yield f"### `{name}`\n"
    yield _signature(name, function)
    yield _docstring(function.__doc__ or "")


def _signature(name: str, function: Any) -> str:
    """Return the signature as code, a line for each parameter."""
    parameters = inspect.signature(function).parameters.values()
    shown = [
        one
        for one in parameters
        if one.name != "self" and one.name[0] != "_" and one.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    lines = [_parameter(one) for one in shown]
    first = next((n for n, one in enumerate(shown) if one.kind is inspect.Parameter.KEYWORD_ONLY), len(lines))
    lines[first:first] = ["*"] if first < len(lines) else []
    inner = "".join(f"    {line},\n" for line in lines)
    return f"```text\n{name}(\n{inner})\n```\n" if lines else f"```text\n{name}()\n```\n"


def _parameter(one: inspect.Parameter) -> str:
    default = "" if one.default is inspect.Parameter.empty else f" = {one.default!r}"
    if one.annotation is inspect.Parameter.empty:
        return one.name + default
    kind = one.annotation if isinstance(one.annotation, str) else inspect.formatannotation(one.annotation)
    return f"{one.name}: {kind}{default}"


def _docstring(text: str) -> str:
    """Return a docstring as Markdown: its sections become lists."""
    lines = []
    for line in inspect.cleandoc(text).splitlines():
        if line in ("Args:", "Raises:", "Returns:", "Yields:", "Attributes:"):
            title = line.removesuffix(":").replace("Args", "Arguments")
            lines += ["", f"**{title}**", ""]
        elif found := _INDENTED.match(line):
            lines.append(f"- `{found['name']}`: {found['text']}")
        else:
            lines.append(re.sub(r"^ {8}", "  ", line) if line.startswith(" " * 8) else line)
    return "\n".join(lines) + "\n"
