"""Draws the sequence diagrams of docs/about: `python -m website.diagrams`."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from website.pages import ROOT

FOLDER = ROOT / "docs" / "about" / "diagrams"
_LANE, _ROW, _TOP, _MARGIN = 170, 34, 46, 12

_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#1f2933"/></marker></defs>'
)


class Step(NamedTuple):
    """A message from one participant to another, or a note if both are the same."""

    source: str
    target: str
    text: str


DIAGRAMS: dict[str, tuple[tuple[str, ...], tuple[Step, ...]]] = {
    "create": (
        ("your code", "client", "journal", "service"),
        (
            Step("your code", "client", "create(…, idempotency_key)"),
            Step("client", "client", "check against the contract"),
            Step("client", "journal", "find the key"),
            Step("client", "client", "wait for the rate limit"),
            Step("client", "journal", "record: about to send"),
            Step("client", "service", "POST, once"),
            Step("service", "client", "code and task id"),
            Step("client", "journal", "record: accepted"),
            Step("client", "your code", "Task"),
            Step("client", "client", "no clear reply? record: unknown"),
            Step("client", "your code", "SubmissionUnknownError"),
        ),
    ),
    "wait": (
        ("your code", "task", "poller", "service"),
        (
            Step("your code", "task", "wait(timeout)"),
            Step("task", "poller", "subscribe"),
            Step("poller", "poller", "next task that is due"),
            Step("poller", "service", "GET the task"),
            Step("service", "poller", "state: generating"),
            Step("poller", "poller", "pause by the schedule"),
            Step("your code", "poller", "notify(id): callback came"),
            Step("poller", "service", "GET the task"),
            Step("service", "poller", "state: success"),
            Step("poller", "task", "event"),
            Step("task", "your code", "the succeeded task"),
        ),
    ),
    "save": (
        ("your code", "task", "file server", "folder"),
        (
            Step("your code", "task", "save(directory)"),
            Step("task", "file server", "GET each picture, in parallel"),
            Step("file server", "task", "refused: the link expired"),
            Step("task", "task", "ask the service for a new link, once"),
            Step("task", "file server", "GET with the new link"),
            Step("file server", "task", "bytes"),
            Step("task", "folder", "write, then rename"),
            Step("task", "task", "judge the type and decode"),
            Step("task", "folder", "write the JSON record"),
            Step("task", "your code", "paths"),
        ),
    ),
}


def draw(lanes: tuple[str, ...], steps: tuple[Step, ...]) -> str:
    """Return a diagram as SVG. It uses no script and no font of another host."""
    width = _LANE * len(lanes) + 2 * _MARGIN
    height = _TOP + _ROW * len(steps) + _ROW
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12" fill="#1f2933">'
    )
    parts = [head, '<rect width="100%" height="100%" rx="6" fill="#ffffff"/>', _ARROW]
    for number, lane in enumerate(lanes):
        x = _center(number)
        parts += [
            f'<path d="M{x} {_TOP - 8}V{height - 10}" stroke="#9aa5b1" stroke-dasharray="3 3"/>',
            f'<rect x="{x - 60}" y="10" width="120" height="26" rx="5" fill="#e4e7eb"/>',
            f'<text x="{x}" y="27" text-anchor="middle" font-weight="bold">{escape(lane)}</text>',
        ]
    for number, step in enumerate(steps):
        parts += _step(step, lanes, _TOP + _ROW * (number + 1))
    return "\n".join([*parts, "</svg>\n"])


def _center(lane: int) -> int:
    return _MARGIN + _LANE * lane + _LANE // 2


def _step(step: Step, lanes: tuple[str, ...], y: int) -> Iterator[str]:
    start, end = _center(lanes.index(step.source)), _center(lanes.index(step.target))
    text = escape(step.text)
    # The text has its own background, so that the dashed lines of other participants do not cross it.
    halo = 'stroke="#ffffff" stroke-width="4" paint-order="stroke"'
    if start == end:
        yield f'<circle cx="{start}" cy="{y - 4}" r="4"/>'
        yield f'<text x="{start + 10}" y="{y}" {halo}>{text}</text>'
        return
    edge = end - 5 if end > start else end + 5
    yield f'<path d="M{start} {y}H{edge}" stroke="#1f2933" marker-end="url(#arrow)"/>'
    yield f'<text x="{(start + end) // 2}" y="{y - 6}" text-anchor="middle" {halo}>{text}</text>'


def written() -> dict[str, str]:
    """Return each diagram by the name of its file."""
    return {f"{name}.svg": draw(lanes, steps) for name, (lanes, steps) in DIAGRAMS.items()}


if __name__ == "__main__":
    for name, text in written().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
