"""Writes llms.txt: the site in one page for programs that read text."""

import re
from collections.abc import Mapping

from kie_ideogram._contract import CONTRACT
from kie_ideogram._help import TITLE
from website.models import example
from website.pages import ENGLISH, ROOT, sources

_RULES = """Rules for programs:

- A call of `run`, `submit` or `create` costs credits. Pass `dry_run=True` to `run` to see the price first.
- Pass `idempotency_key=` and a journal. The same key always gives the same task.
- Do not repeat a call that raised `SubmissionUnknownError`. List it with `kie.unknown()`.
- `kie-ideogram schema COMMAND` prints the JSON Schema of what COMMAND prints with `--json`.
"""


def page(written: Mapping[str, str]) -> str:
    """Return the text. `written` has the pages that are made from the contract."""
    texts = {
        name: (ROOT / source).read_text(encoding="utf-8") for source, name in sources(ENGLISH).items()
    } | dict(written)
    first = next(iter(CONTRACT.models.values()))
    parts = [
        f"# {ENGLISH.title}\n",
        f"> A typed Python client for {TITLE} that never silently charges twice. {CONTRACT.version}\n",
        _RULES,
        f"```python\n{example(first)}```\n",
    ]
    for title, names in ENGLISH.groups.items():
        parts.append(f"\n## {title}\n")
        parts += [_line(name, texts[f"{name}.md"]) for name in names]
    parts.append("\n## Models\n")
    parts += [f"- [{m.name}](reference/models/{m.resource}.html)" for m in CONTRACT.models.values()]
    return "\n".join([*parts, ""])


def _line(name: str, text: str) -> str:
    return f"- [{_title(text)}]({name}.html): {_summary(text)}"


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ").replace("`", "")


def _summary(text: str) -> str:
    """Return the first sentence of a page."""
    paragraph = next((part for part in text.split("\n\n")[1:] if re.match(r"[A-Z]|`(?!`)", part)), "")
    sentence = re.split(r"(?<=[.:])\s", " ".join(paragraph.split()), maxsplit=1)[0]
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", sentence).rstrip(":")
