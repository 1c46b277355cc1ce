"""Compares two surfaces and grades every change."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from generator.release.rules import RULES, STEPS, Grade
from generator.release.surface import Argument, Member, Surface

# Keywords whose value may grow or shrink: +1 where a larger value admits more, -1 where less.
_DIRECTION = {
    "maxLength": 1,
    "minLength": -1,
    "maximum": 1,
    "minimum": -1,
    "exclusiveMaximum": 1,
    "exclusiveMinimum": -1,
    "maxItems": 1,
    "minItems": -1,
}


class Change(NamedTuple):
    """One change of the contract, as a user of the package sees it."""

    id: str
    name: str
    old: Any = None
    new: Any = None

    @property
    def grade(self) -> Grade:
        """Return the effect of the change on code that worked before."""
        return RULES[self.id].grade

    @property
    def text(self) -> str:
        """Return the change in words, for a changelog."""
        return RULES[self.id].words.format(name=self.name, old=_describe(self.old), new=_describe(self.new))


def changes(old: Surface, new: Surface) -> list[Change]:
    """Return every change from one surface to the other, the most severe first."""
    found = list(_all(old, new))
    order = list(Grade)
    return sorted(
        found, key=lambda change: (order.index(change.grade), change.name, change.id, str(change.new))
    )


def step(found: list[Change], version: str) -> str:
    """Return the semver step that the changes require.

    Below version 1, a minor step may break code.
    """
    if not found:
        return "none"
    steps = {STEPS[change.grade] for change in found}
    worst = next(name for name in ("major", "minor", "patch") if name in steps)
    return "minor" if worst == "major" and version.startswith("0.") else worst


def _all(old: Surface, new: Surface) -> Iterator[Change]:
    gone = tuple(f"{name}." for name in old.resources.keys() - new.resources.keys())
    fresh = tuple(f"{name}." for name in new.resources.keys() - old.resources.keys())

    def known(things: dict[str, Any]) -> dict[str, Any]:
        """Leave out what belongs to a resource that was added or removed as a whole."""
        return {name: thing for name, thing in things.items() if not name.startswith(gone + fresh)}

    old_methods, new_methods = known(old.methods), known(new.methods)
    yield from _sets("resource", old.resources, new.resources)
    yield from _sets("method", old_methods, new_methods)
    lost = {
        name for name in (*old_methods, *new_methods) if name not in old_methods or name not in new_methods
    }
    yield from _pairs(
        old_methods, new_methods, lambda name, a, b: iter([Change("result-changed", name, a, b)])
    )

    def with_method(arguments: dict[str, Any]) -> dict[str, Argument]:
        return {name: a for name, a in known(arguments).items() if name.partition("(")[0] not in lost}

    yield from _arguments(with_method(old.arguments), with_method(new.arguments))
    yield from _sets("error", old.errors, new.errors)
    yield from _pairs(old.errors, new.errors, lambda name, a, b: iter([Change("error-code", name, a, b)]))
    yield from _sets("code", dict.fromkeys(old.codes), dict.fromkeys(new.codes))
    yield from _pairs(old.codes, new.codes, _code)
    yield from _sets("state", dict.fromkeys(old.states), dict.fromkeys(new.states))
    yield from _pairs(old.states, new.states, lambda name, a, b: iter([Change("state-class", name, a, b)]))
    yield from _sets("member", dict.fromkeys(old.members), dict.fromkeys(new.members))
    yield from _pairs(old.members, new.members, _member)
    yield from _sets("constructor", old.constructor, new.constructor)
    yield from _pairs(
        old.package, new.package, lambda name, a, b: iter([Change("package-changed", name, a, b)])
    )
    if old.variable != new.variable:
        yield Change("variable-changed", new.variable, old.variable, new.variable)
    yield from _settings(old, new)
    yield from _pairs(old.texts, new.texts, lambda name, a, b: iter([Change("text-changed", name)]))


def _sets(kind: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in old.keys() - new.keys():
        yield Change(f"{kind}-removed", name, old[name])
    for name in new.keys() - old.keys():
        yield Change(f"{kind}-added", name, None, new[name])


def _pairs(
    old: dict[str, Any], new: dict[str, Any], compare: Callable[[str, Any, Any], Iterator[Change]]
) -> Iterator[Change]:
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield from compare(name, old[name], new[name])


def _arguments(old: dict[str, Argument], new: dict[str, Argument]) -> Iterator[Change]:
    for name in old.keys() - new.keys():
        yield Change("argument-removed", name)
    for name in new.keys() - old.keys():
        yield Change("argument-added-required" if new[name].required else "argument-added", name)
    yield from _pairs(old, new, _argument)


def _argument(name: str, old: Argument, new: Argument) -> Iterator[Change]:
    if old.required != new.required:
        yield Change("argument-required" if new.required else "argument-optional", name)
    if old.default != new.default:
        yield Change("argument-default", name, old.default, new.default)
    for keyword in old.checks.keys() | new.checks.keys():
        a, b = old.checks.get(keyword), new.checks.get(keyword)
        if a != b:
            yield from _check(name, keyword, a, b)


def _check(name: str, keyword: str, old: Any, new: Any) -> Iterator[Change]:
    bare = keyword.rpartition(".")[2]
    if bare == "enum" and old is not None and new is not None:
        for value in new:
            if value not in old:
                yield Change("value-added", name, None, value)
        for value in old:
            if value not in new:
                yield Change("value-removed", name, value)
    elif old is None:
        yield Change("check-added", name, None, _setting(keyword, new))
    elif new is None:
        yield Change("check-removed", name, _setting(keyword, old))
    elif bare in _DIRECTION:
        loosened = (new > old) == (_DIRECTION[bare] > 0)
        kind = "limit-loosened" if loosened else "limit-tightened"
        yield Change(kind, name, _setting(keyword, old), _setting(keyword, new))
    else:
        yield Change("check-changed", name, _setting(keyword, old), _setting(keyword, new))


def _code(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for part in old:
        if old[part] != new[part]:
            yield Change("code-changed", name, _setting(part, old[part]), _setting(part, new[part]))


def _member(name: str, old: Member, new: Member) -> Iterator[Change]:
    if old.type != new.type:
        yield Change("member-type", name, old.type, new.type)
    if old.required != new.required:
        yield Change("member-required" if new.required else "member-optional", name)


def _settings(old: Surface, new: Surface) -> Iterator[Change]:
    # Settings of a resource or method that was added or removed are part of that change.
    shared = {
        name
        for name in (*old.settings, *new.settings)
        if not name.startswith(("operation.", "price.", "image."))
    }
    shared |= old.settings.keys() & new.settings.keys()
    before = {name: value for name, value in old.settings.items() if name in shared}
    after = {name: value for name, value in new.settings.items() if name in shared}
    yield from _sets("setting", before, after)
    yield from _pairs(before, after, lambda name, a, b: iter([Change("setting-changed", name, a, b)]))


def _setting(keyword: str, value: Any) -> str:
    return f"{keyword} {_describe(value)}"


def _describe(value: Any) -> str:
    """Write a value as it is written in the spec, without quotes."""
    if isinstance(value, tuple):
        return ", ".join(map(_describe, value)) or "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
