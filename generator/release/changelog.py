"""Writes changes as lines, as JSON, and as a section of the changelog."""

import json

from generator.release.changes import Change, step
from generator.release.rules import SECTIONS, Grade


def as_lines(found: list[Change], version: str) -> str:
    """Write one line per change, then the version step."""
    lines = [f"{change.grade}: {change.text} ({change.id})" for change in found]
    return "\n".join([*lines, f"version step: {step(found, version)}"])


def as_json(found: list[Change], version: str) -> str:
    """Write the changes and the version step as JSON."""
    listed = [
        {"id": change.id, "grade": change.grade, "name": change.name, "message": change.text}
        for change in found
    ]
    return json.dumps({"step": step(found, version), "changes": listed}, ensure_ascii=False, indent=2)


def as_changelog(found: list[Change]) -> str:
    """Write the sections of the changelog, the most severe first."""
    parts = []
    for grade in Grade:
        lines = [
            f"- {change.text[:1].upper()}{change.text[1:]}." for change in found if change.grade == grade
        ]
        if lines:
            parts.append("\n".join([f"### {SECTIONS[grade]}", "", *lines]))
    return "\n\n".join(parts)
