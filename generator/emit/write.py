"""Writes `{path: text}` to disk, and compares it with what is there."""

import difflib
import glob
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

from generator.diagnostics import Diagnostic, InputError, Location
from generator.emit.package import HEADER, MANIFEST

FEW = 10
"""Up to this many changed files are named one by one."""


class Difference(NamedTuple):
    """A file that differs from the output: its path, the reason, and a unified diff."""

    path: Path
    reason: str
    diff: str

    @property
    def diagnostic(self) -> Diagnostic:
        """Return the difference as a diagnostic."""
        return Diagnostic(Location(self.path), self.reason, "stale")


def write(files: dict[str, str], root: Path) -> list[Path]:
    """Write `files` below `root` and return the paths that changed.

    Each file is written to a temporary file next to its place and then moved there, the manifest last.
    Files that an earlier run wrote and that are not in `files` are removed, and folders that this leaves
    empty; other files are not touched.
    Raises `InputError` if that fails, and restores the previous state. Raises it too if the folder holds
    another package, and then writes nothing.
    """
    _check_package(files, root)
    before = {path: _read_if_present(root / path) for path in {*files, *_recorded(_manifest(root))}}
    strays = sorted(path for path in set(before) - set(files) if before[path] is not None)
    changed = [path for path, text in files.items() if before[path] != text.encode()]
    staged: list[tuple[str, Path]] = []
    replaced: dict[Path, bytes | None] = {}
    try:
        for folder in {(root / path).parent for path in changed}:
            folder.mkdir(parents=True, exist_ok=True)
        for path in changed:
            target = root / path
            handle, temporary = mkstemp(dir=target.parent, prefix=f".{target.name}.")
            staged.append((path, Path(temporary)))
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o644)
                file.write(files[path].encode())
        for path, temporary_path in sorted(staged, key=lambda pair: pair[0] == MANIFEST):
            temporary_path.replace(root / path)
            replaced[root / path] = before[path]
        for path in strays:
            (root / path).unlink()
            replaced[root / path] = before[path]
    except OSError as error:
        _restore(replaced)
        raise InputError([Diagnostic(Location(root), f"cannot write: {error}", "write")]) from None
    finally:
        for _, temporary_path in staged:
            temporary_path.unlink(missing_ok=True)
    for path in strays:
        _remove_traces(root / path, root)
    return [root / path for path in (*changed, *strays)]


def describe_changes(changed: list[Path], files: dict[str, str], root: Path) -> list[str]:
    """Return the lines that report what `write` changed: each file if there are few, and how many."""
    if not changed:
        return ["nothing changed"]
    removed = [path for path in changed if not path.exists()]
    lines = [f"{'removed' if path in removed else 'written'}: {Location(path)}" for path in changed]
    what = f"the package {' and '.join(sorted(_packages(files)))} in {Location(root)}"
    written = len(changed) - len(removed)
    count = f"{f'{written} of its ' if written < len(files) else ''}{len(files)} files written"
    count += f", {len(removed)} removed" if removed else ""
    return [*(lines if len(lines) <= FEW else ()), f"{what}: {count}"]


def _remove_traces(path: Path, root: Path) -> None:
    """Remove the bytecode of a removed file, and folders that are empty now: Python can import both."""
    cache = path.parent / "__pycache__"
    with suppress(OSError):  # a folder that is not empty or cannot be removed is left
        for compiled in cache.glob(f"{glob.escape(path.stem)}.*.pyc") if path.suffix == ".py" else ():
            compiled.unlink()
        if cache.is_dir():
            cache.rmdir()
    with suppress(OSError):
        for folder in path.parents:
            if folder == root:
                break
            folder.rmdir()


def _check_package(files: dict[str, str], root: Path) -> None:
    """Raise `InputError` if the folder has another package of an earlier run, or one written by hand."""
    recorded = _recorded(_manifest(root))
    made, found = _packages(files), _packages(recorded)
    for path in (f"{folder}/__init__.py" for folder in made):
        before = None if path in recorded else _read_if_present(root / path)
        if before is not None and not before.startswith(HEADER.encode()):
            message = "the generator did not write this package; write to another folder with --out"
            raise InputError([Diagnostic(Location(root / path), message, "other-package")])
    if found and found != made:
        message = (
            f"it holds the package {', '.join(sorted(found))}, not {', '.join(sorted(made))}; "
            "write to another folder with --out, or remove this one first"
        )
        raise InputError([Diagnostic(Location(root), message, "other-package")])


def _packages(paths: Iterable[str]) -> set[str]:
    return {folder for folder, slash, _ in (path.partition("/") for path in paths) if slash}


def _restore(replaced: dict[Path, bytes | None]) -> None:
    """Undo a write that failed midway: the old package works, a mixture may not."""
    for path, before in replaced.items():
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)


def compare(files: dict[str, str], root: Path) -> list[Difference]:
    """Return each file below `root` that differs from `files`, and the cause."""
    old = _manifest(root)
    new = json.loads(files[MANIFEST])
    recorded = _recorded(old)
    if not recorded:
        cause = f"there is no readable {MANIFEST}; run `make generate`"
    elif old.get("spec") != new["spec"]:
        cause = "the spec changed; run `make generate`"
    elif old.get("tools") != new["tools"]:
        cause = "the tools changed; run `make generate`"
    else:
        cause = "the generator or a template changed; run `make generate`"
    differences = []
    for path in sorted({*files, *recorded, *_present(root)}):
        found, should = _read_if_present(root / path), files.get(path)
        if found == (None if should is None else should.encode()):
            continue
        if found is None:
            reason = "missing; run `make generate`" if path in recorded else cause
        elif path not in files and path not in recorded:
            reason = "the generator did not write this file; move it out of the generated folder"
        elif path in recorded and sha256(found).hexdigest() != recorded[path]:
            reason = "edited by hand; change the spec, a template or the runtime, then run `make generate`"
        else:
            reason = cause
        lines = difflib.unified_diff(
            (found or b"").decode("utf-8", "backslashreplace").splitlines(keepends=True),
            (should or "").splitlines(keepends=True),
            f"{path} (on disk)",
            f"{path} (from the spec)",
        )
        differences.append(Difference(root / path, reason, "".join(lines)))
    return differences


def _manifest(root: Path) -> dict[str, Any]:
    try:
        record = json.loads(_read_if_present(root / MANIFEST) or b"{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _recorded(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the hash of each file that an earlier run wrote.

    Paths that lead out of the folder are ignored.
    """
    files = manifest.get("files")
    return {
        path: digest
        for path, digest in (files.items() if isinstance(files, dict) else ())
        if isinstance(digest, str) and not path.startswith("/") and ".." not in path.split("/")
    }


def _present(root: Path) -> list[str]:
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    ]


def _read_if_present(path: Path) -> bytes | None:
    """Return the content of a file, or None if it does not exist."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(
            [Diagnostic(Location(path), f"cannot read: {error.strerror}", "file-unreadable")]
        ) from None
