"""The report of a batch: one HTML page with every result, its cost, and why others failed.

It loads nothing from elsewhere: its pictures are the saved results, by relative paths.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from ...core import atomic_write
from ...core.errors import DownloadError
from ..input.columns import MODEL
from .outcome import Outcome, Status

REPORT = "report.html"

_TEMPLATE = Path(__file__).with_name("report.html")

# Those that need a person come first.
_ORDER: tuple[Status, ...] = ("unknown", "lost", "failed", "unfinished", "succeeded")

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif"}


def write_report(
    folder: str | os.PathLike[str],
    title: str,
    outcomes: Iterable[Outcome],
    credit_price: tuple[float, str] | None,
) -> Path:
    """Write the report of a batch in its folder, in place of an older one. Raises `DownloadError`."""
    path = Path(folder) / REPORT
    page = report(Path(folder), title, list(outcomes), credit_price)
    try:
        return atomic_write.write(path, page.encode("utf-8", "backslashreplace"), overwrite=True)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def report(folder: Path, title: str, outcomes: list[Outcome], credit_price: tuple[float, str] | None) -> str:
    """Return the report as HTML."""
    numbers = Counter(outcome.status for outcome in outcomes)
    total = sum(outcome.credits or 0.0 for outcome in outcomes)
    sums = [("rows", f"{len(outcomes)}")]
    sums += [(status, f"{numbers[status]}") for status in _ORDER if numbers[status]]
    sums += [("credits", f"{total:g}")]
    if credit_price:
        each, currency = credit_price
        sums += [(currency, f"{total * each:.2f}")]
    shown = ["all", *(status for status in _ORDER if numbers[status])]
    last = max((outcome.ended_at for outcome in outcomes), default=0.0)
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    ordered = sorted(outcomes, key=lambda outcome: (_ORDER.index(outcome.status), outcome.line))
    return template.substitute(
        title=escape(f"{title}: batch {folder.absolute().name}"),
        when=f"The last row ended at {datetime.fromtimestamp(last, UTC):%F %T} UTC." if last else "",
        sums="".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in sums),
        filters="\n".join(
            f'<input class="filter" type="radio" name="show" id="show-{name}"{" checked" * (name == "all")}>'
            for name in shown
        ),
        choices="".join(f'<label for="show-{name}">{name}</label>' for name in shown),
        cards="\n".join(_card(folder, outcome) for outcome in ordered),
    )


def _card(folder: Path, outcome: Outcome) -> str:
    values = {name: str(value) for name, value in outcome.request.items() if _is_short(name, value)}
    # The longest text distinguishes the rows.
    main = max(values, key=lambda name: len(values[name]), default="")
    text = values.pop(main, "")
    facts = [f"{outcome.credits:g} credits" if outcome.credits is not None else "", outcome.model]
    facts += [f"task {outcome.task_id}" if outcome.task_id else ""]
    others = ", ".join(f"{name} {value}" for name, value in values.items())
    parts = [
        f'<h2><span>{escape(outcome.key)}</span><span class="state">{outcome.status}</span></h2>',
        f"<p>{escape(text)}</p>" if text else "",
        f'<p class="reason">{escape(outcome.reason)}</p>' if outcome.reason else "",
        f'<p class="values">{escape(others)}</p>' if others else "",
        f'<p class="facts">{escape(" · ".join(fact for fact in facts if fact))}</p>',
    ]
    content = "".join(parts)
    pictures = _pictures(folder, outcome)
    return f'<article class="{outcome.status}">{pictures}<div class="text">{content}</div></article>'


def _is_short(name: str, value: object) -> bool:
    """Whether a value says something to a reader: it is neither the model nor a picture."""
    return name != MODEL and not isinstance(value, list) and not str(value).startswith("sha256:")


def _pictures(folder: Path, outcome: Outcome) -> str:
    shown = []
    for number, path in enumerate(outcome.paths, 1):
        link = escape(quote(os.path.relpath(path, folder).replace(os.sep, "/")))
        name = escape(f"{outcome.key}, result {number}")
        if path.suffix in _PICTURES:
            shown.append(f'<a href="{link}"><img src="{link}" alt="{name}" loading="lazy"></a>')
        else:
            shown.append(f'<a class="none" href="{link}">{name}</a>')
    return f'<div class="pictures">{"".join(shown)}</div>' if shown else '<div class="none">no result</div>'
