"""The file operations: store uploads, and make links to results."""

import base64
import binascii
from datetime import UTC, datetime
from math import inf
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from ...contract.model import Operation
from .files import RESULTS, FileStore
from .replies import RefusedError

CONTENTS = ("file.content", "file.base64", "file.source")
"""What an argument of an upload may hold: the file, its Base64, or its URL."""


def store_upload(
    store: FileStore, operation: Operation, arguments: dict[str, Any], base_url: str, now: float
) -> dict[str, Any]:
    """Store a file, and return the facts of the reply. Raises `RefusedError`."""
    given = _arguments_by_content(operation, arguments)
    content = _content(store, given, base_url, now)
    name = PurePosixPath(given["file.name"][1]).name if "file.name" in given else ""
    folder = f"{given['file.folder'][1]}/" if "file.folder" in given else ""
    path = f"{folder}{name or uuid4().hex}"
    file = store.put(f"uploads/{path}", content, now + (operation.lifetime or inf))
    return {
        "file.stored": True,
        "file.name": PurePosixPath(path).name,
        "file.path": path,
        "file.url": file.url(base_url),
        "file.size": len(content),
        "file.type": file.media_type,
        "file.time": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
    }


def make_link(
    store: FileStore, operation: Operation, arguments: dict[str, Any], base_url: str, now: float
) -> dict[str, Any]:
    """Make a short-lived link to a result. Raises `RefusedError` for any other URL."""
    file = store.find_renewable(_arguments_by_content(operation, arguments)["result.url"][1], base_url, now)
    if file is None or not file.path.startswith(RESULTS):
        raise RefusedError("unknown")
    path = f"links/{uuid4().hex}/{PurePosixPath(file.path).name}"
    short = file._replace(path=path, expires=now + (operation.lifetime or inf), renewable_until=0)
    return {"link.url": store.add(short).url(base_url)}


def _content(store: FileStore, given: dict[str, tuple[str, Any]], base_url: str, now: float) -> bytes:
    """Return the content of an upload: a file, Base64 text, or a URL of the sandbox."""
    if "file.content" in given:
        name, content = given["file.content"]
        if not isinstance(content, bytes):
            raise RefusedError("invalid", f"{name}: expected a file, got a text field")
        return content
    if "file.base64" in given:
        name, text = given["file.base64"]
        try:
            return base64.b64decode(
                text.partition(",")[2] if text.startswith("data:") else text, validate=True
            )
        except (binascii.Error, ValueError):
            raise RefusedError("invalid", f"{name}: the text is not Base64") from None
    name, url = given["file.source"]
    file = store.find(url, base_url, now)
    if file is None:
        raise RefusedError(
            "unknown", f"{name}: the sandbox fetches only files that it serves; upload the file"
        )
    return file.read()


def _arguments_by_content(operation: Operation, arguments: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Return the arguments of a call, each a name and a value, by what they contain."""
    return {
        argument.holds: (name, arguments[name])
        for argument in operation.arguments
        if (name := argument.path[0]) in arguments
    }
