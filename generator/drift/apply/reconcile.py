"""Takes a page over: the obvious edits into the spec, the rest as decisions, and the page on record.

Everything is tried in a copy first: the new spec has to load, lint, lower and give a package.
Only then is anything written; when writing fails, what was there is put back byte for byte.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import load, source
from generator.contract.load import Document
from generator.contract.source import Source
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.edits import Editor
from generator.drift.apply.yaml_edit import YamlText
from generator.drift.compare import claims, wording
from generator.drift.compare.compare import compare
from generator.drift.compare.findings import Finding
from generator.drift.compare.wording import Recorded
from generator.drift.facts import Facts
from generator.drift.state.known_drift import KnownDrift
from generator.drift.state.recorded_page import Record, digest, record_text

RECORD = "docs-facts.yaml"

Package = Callable[[Source], dict[str, str]]


class Decision(NamedTuple):
    """A finding left to people; `reason` tells why the obvious edit would not do."""

    finding: Finding
    reason: str = ""


class Taken(NamedTuple):
    """What follows from a page: edits, findings left to decide or to read, and the files to be."""

    edits: list[str]
    decisions: list[Decision]
    words: list[Finding]
    files: dict[str, str]
    package: dict[str, str]


def reconcile(
    facts: Facts, known: KnownDrift, record: Record | None, recorded: str, spec: Path, package: Package
) -> Taken:
    """Work out everything that follows from `facts`; `recorded` is their record. Writes nothing."""

    def compared(openapi: Document) -> list[Finding]:
        return compare(facts, openapi, known, record and Recorded(record.facts, record.at)).ordered()

    def findings(openapi: Document) -> list[Finding]:
        return [finding for finding in compared(openapi) if finding.id not in wording.IDS]

    openapi = source.read_spec(spec).openapi
    refuse_unknown_model(facts, openapi)
    reasons: dict[str, str] = {}
    try:
        text, edits = edited(openapi, facts, findings(openapi))
        tried(spec, {source.OPENAPI: text})
    except InputError:
        text, edits, reasons = _field_by_field(openapi, facts, findings(openapi), spec)
    left = compared(load.parse(text, openapi.path))
    files = differing(spec, {source.OPENAPI: text, RECORD: recorded})
    decisions = [Decision(f, reasons.get(f.path, "")) for f in left if f.id not in wording.IDS]
    # Once the page is recorded, drift does not tell of these any more.
    words = [finding for finding in left if finding.id in ("text-added", "text-changed")]
    return Taken(edits, decisions, words, files, package(tried(spec, files)))


def edited(openapi: Document, facts: Facts, findings: list[Finding]) -> tuple[str, list[str]]:
    """The text of the spec after every edit that `findings` make obvious, and what was edited."""
    entry = claims.entries(openapi)[facts.model or ""]
    tree = YamlText(openapi.text)
    editor = Editor(tree, claims.claims_of(openapi, entry), facts)
    edits = [edit for edit in map(editor.apply, findings) if edit]
    return tree.text() if edits else openapi.text, edits


def _field_by_field(
    openapi: Document, facts: Facts, findings: list[Finding], spec: Path
) -> tuple[str, list[str], dict[str, str]]:
    """The same without the fields whose edits give no whole contract; for those, the reason."""
    edits: list[str] = []
    reasons: dict[str, str] = {}
    for path in dict.fromkeys(finding.path for finding in findings):
        text, done = edited(openapi, facts, [finding for finding in findings if finding.path == path])
        try:
            tried(spec, {source.OPENAPI: text})
        except InputError as error:
            reasons[path] = "; ".join(fault.message for fault in error.diagnostics)
        else:
            openapi = load.parse(text, openapi.path)
            edits += done
    return openapi.text, edits, reasons


def refuse_unknown_model(facts: Facts, openapi: Document) -> None:
    """Refuse the page of a model that the spec lacks: its record would replace that of another."""
    models = claims.entries(openapi)
    if facts.model and facts.model not in models:
        message = (
            f"the page is about model '{facts.model}', the spec has {', '.join(models)}; "
            "`python -m generator draft PAGE` writes the entry of a new model"
        )
        where = Location(Path(facts.source), facts.model_mentions[0].line, 1)
        raise InputError([Diagnostic(where, message, "reconcile-model")])


def recorded_as(facts: Facts, text: str, url: str, etag: str | None, old: Record | None, today: date) -> str:
    """The record of a page; it stays as it is while the page keeps its text."""
    if old and (old.url, old.sha256) == (url, digest(text)):
        return old.text
    return record_text(facts, url, text, etag, today)


def differing(spec: Path, files: dict[str, str]) -> dict[str, str]:
    """Those of `files` that are not so yet in the folder `spec`, which has to be clean if there are any."""
    changed = {
        name: content
        for name, content in files.items()
        if not (spec / name).exists() or (spec / name).read_text(encoding="utf-8") != content
    }
    if changed:
        refuse_dirty(spec)
    return changed


def tried(spec: Path, files: dict[str, str]) -> Source:
    """The spec with `files` in place of its own, read in a copy. Raises `InputError` at the real paths."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "spec"
        shutil.copytree(spec, copy)
        for name, content in files.items():
            (copy / name).write_text(content, encoding="utf-8")
        try:
            return source.read_spec(copy)
        except InputError as error:
            raise InputError([_moved(fault, copy, spec) for fault in error.diagnostics]) from None


def written(spec: Path, files: dict[str, str], generate: Callable[[], None]) -> None:
    """Write the files of the spec and regenerate; whatever fails, the spec is put back."""
    before = {name: (spec / name).read_bytes() if (spec / name).exists() else None for name in files}
    try:
        for name, content in files.items():
            (spec / name).write_text(content, encoding="utf-8")
        generate()
    except BaseException as error:
        for name, old in before.items():
            if old is None:
                (spec / name).unlink(missing_ok=True)
            else:
                (spec / name).write_bytes(old)
        if isinstance(error, OSError):
            message = f"cannot be written, and is as it was: {error.strerror or error}"
            raise InputError([Diagnostic(Location(spec), message, "reconcile-write")]) from None
        raise


def refuse_dirty(spec: Path) -> None:
    """Refuse a spec folder with changes that git does not hold: an edit could not be told from them."""
    git = shutil.which("git")
    if git is None:
        return
    command = [git, "-C", str(spec), "status", "--porcelain", "--", "."]
    status = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # our own command
    changed = [line[3:] for line in status.stdout.splitlines()] if status.returncode == 0 else []
    if changed:
        message = f"git says these are changed: {', '.join(changed)}; commit or undo them first"
        raise InputError([Diagnostic(Location(spec), message, "reconcile-dirty")])


def _moved(fault: Diagnostic, copy: Path, spec: Path) -> Diagnostic:
    path = fault.location.path
    if path.is_relative_to(copy):
        path = spec / path.relative_to(copy)
    return fault._replace(location=fault.location._replace(path=path))
