"""Puts `{path: text}` on disk, and tells how a disk differs from it. The only writer."""

import difflib
import json
import os
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

from generator.diagnostics import Diagnostic, InputError, Location
from generator.emit.package import MANIFEST


class Difference(NamedTuple):
    """One file that is not what the spec gives: its path, why, and a unified diff."""

    path: Path
    reason: str
    diff: str

    @property
    def diagnostic(self) -> Diagnostic:
        """The difference as a complaint."""
        return Diagnostic(Location(self.path), self.reason, "stale")


def write(files: dict[str, str], root: Path) -> list[Path]:
    """Make `root` hold `files`; return what changed.

    Everything is written beside its place first and moved there last, the manifest at the very
    end. Files that an earlier run wrote and that are no longer made are removed; nothing else is.
    """
    strays = sorted(set(_manifest(root).get("files", {})) - set(files))
    changed = [path for path, text in files.items() if _read(root / path) != text]
    staged: list[tuple[Path, Path]] = []
    try:
        for path in changed:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = mkstemp(dir=target.parent, prefix=f".{target.name}.")
            staged.append((Path(temporary), target))
            os.close(handle)
            Path(temporary).write_text(files[path], encoding="utf-8", newline="\n")
            Path(temporary).chmod(0o644)
        for temporary_path, target in sorted(staged, key=lambda pair: pair[1].name == MANIFEST):
            temporary_path.replace(target)
        for path in strays:
            (root / path).unlink(missing_ok=True)
    except OSError as error:
        raise InputError([Diagnostic(Location(root), f"cannot be written: {error}", "write")]) from error
    finally:
        for temporary_path, _ in staged:
            temporary_path.unlink(missing_ok=True)
    return [root / path for path in (*changed, *strays)]


def compare(files: dict[str, str], root: Path) -> list[Difference]:
    """Say how `root` differs from `files`, and for each file who changed: spec, tools, generator or hand."""
    old = _manifest(root)
    new = json.loads(files[MANIFEST])
    recorded: dict[str, str] = old.get("files", {})
    if old.get("spec") != new["spec"]:
        cause = "the spec changed; run `make generate`"
    elif old.get("tools") != new["tools"]:
        cause = "the tools changed; run `make generate`"
    else:
        cause = "the generator or a template changed; run `make generate`"
    differences = []
    for path in sorted({*files, *recorded, *_present(root)}):
        is_text, should = _read(root / path), files.get(path)
        if is_text == should:
            continue
        if is_text is None:
            reason = "missing; run `make generate`" if path in recorded else cause
        elif path not in recorded and path != MANIFEST:
            reason = "not written by the generator; move it out of the generated folder"
        elif path != MANIFEST and sha256(is_text.encode()).hexdigest() != recorded[path]:
            reason = "edited by hand; change the spec, a template or the runtime instead"
        else:
            reason = cause
        lines = difflib.unified_diff(
            (is_text or "").splitlines(keepends=True),
            (should or "").splitlines(keepends=True),
            f"{path} (on disk)",
            f"{path} (from the spec)",
        )
        differences.append(Difference(root / path, reason, "".join(lines)))
    return differences


def _manifest(root: Path) -> dict[str, Any]:
    try:
        record = json.loads(_read(root / MANIFEST) or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _present(root: Path) -> list[str]:
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    ]


def _read(path: Path) -> str | None:
    """The text of a file, or None; what is not UTF-8 reads as a text that nothing equals."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, IsADirectoryError):
        return None
