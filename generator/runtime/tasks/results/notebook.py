"""Shows tasks and results in IPython and Jupyter."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...media.validate import ImageReport
    from .view import TaskView

_STYLE = "max-height:16em;max-width:24em;margin:0 .5em .5em 0"

# Larger files are named, not embedded: a notebook stores what it shows.
MAX_EMBEDDED_BYTES = 4_000_000


def task_html(task: TaskView) -> str:
    """Return a table of what is known of a task, with its results as images."""
    rows: list[tuple[str, object]] = [("task", task.id), ("state", task.state)]
    if task.idempotency_key:
        rows.append(("idempotency key", task.idempotency_key))
    if task.created_at:
        rows.append(("created", f"{task.created_at:%F %T} UTC"))
    if task.completed_at:
        rows.append(("completed", f"{task.completed_at:%F %T} UTC"))
    if task.credits is not None:
        rows.append(("credits", f"{task.credits:g}"))
    if task.failed:
        rows.append(("failure", f"{task.fail_code} {task.fail_msg}".strip()))
    if task.expires_at:
        rows.append(("links expire", f"{task.expires_at:%F %T} UTC"))
    images = "".join(
        f'<a href="{escape(url)}"><img src="{escape(url)}" alt="result {number}" style="{_STYLE}"></a>'
        for number, url in enumerate(task.urls, 1)
        if url.startswith(("https://", "http://"))
    )
    return _table(rows) + images


def result_html(task: TaskView, paths: Iterable[Path]) -> str:
    """Return the table of a task, with its saved files as images."""
    saved = "".join(_embedded(path) for path in paths)
    return task_html(task) if not saved else _table([("task", task.id), ("state", task.state)]) + saved


def dry_run_html(request: dict[str, Any], pictures: Iterable[ImageReport], price: float | None) -> str:
    """Return a table of what a run would send: the price, the pictures, and the request."""
    rows: list[tuple[str, object]] = [("dry run", "nothing was sent")]
    if price is not None:
        rows.append(("credits", f"{price:g}"))
    for picture in pictures:
        size = "x".join(map(str, picture.size)) + " pixels" if picture.size else ""
        facts = [picture.url or picture.name, picture.media_type, size, *picture.notes]
        rows.append((picture.argument, ", ".join(fact for fact in facts if fact)))
    body = json.dumps(request, ensure_ascii=False, indent=2, default=str)
    return f"{_table(rows)}<pre>{escape(body)}</pre>"


def png(paths: list[Path]) -> bytes | None:
    """Return the content of a single saved PNG file; None for anything else."""
    if len(paths) != 1 or paths[0].suffix != ".png":
        return None
    try:
        return paths[0].read_bytes()
    except OSError:  # moved or deleted since
        return None


def _embedded(path: Path) -> str:
    name = escape(str(path))
    kind = {".png": "png", ".jpg": "jpeg", ".webp": "webp", ".gif": "gif"}.get(path.suffix)
    try:
        content = path.read_bytes() if kind and path.stat().st_size <= MAX_EMBEDDED_BYTES else b""
    except OSError:  # moved or deleted since
        content = b""
    if not content:
        return f"<p>{name}</p>"
    data = base64.b64encode(content).decode()
    return f'<figure style="display:inline-block;margin:0"><img src="data:image/{kind};base64,{data}" style="{_STYLE}"><figcaption>{name}</figcaption></figure>'  # noqa: E501 # one HTML element


def _table(rows: list[tuple[str, object]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"
