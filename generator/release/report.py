"""Prints what changed: for people, for machines, and as text for the changelog."""

import json

from generator.release.changes import Change, step
from generator.release.rules import SECTIONS, Grade


def plain(found: list[Change], version: str) -> str:
    """One line a change, then the version step."""
    lines = [f"{change.grade}: {change.text} ({change.id})" for change in found]
    return "\n".join([*lines, f"version step: {step(found, version)}"])


def machine(found: list[Change], version: str) -> str:
    """The same as JSON."""
    listed = [
        {"id": change.id, "grade": change.grade, "name": change.name, "message": change.text}
        for change in found
    ]
    return json.dumps({"step": step(found, version), "changes": listed}, ensure_ascii=False, indent=2)


def changelog(found: list[Change]) -> str:
    """The changelog's sections, worst first."""
    parts = []
    for grade in Grade:
        lines = [
            f"- {change.text[:1].upper()}{change.text[1:]}." for change in found if change.grade == grade
        ]
        if lines:
            parts.append("\n".join([f"### {SECTIONS[grade]}", "", *lines]))
    return "\n\n".join(parts)
