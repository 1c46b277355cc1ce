"""Measure the CPU of `facts --json` on a folder of 240 documentation pages."""

import json
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import cpu, judged, table
from generator.__main__ import SPEC
from generator.drift import commands

CASES = Path(__file__).parent.parent / "tests" / "drift" / "cases"
PAGES = 240
ROUNDS = 3
AIM = 10.0
"""Seconds."""


def _write_pages(folder: Path) -> int:
    """Write 240 pages in all published forms, each for a different model. Return their size in bytes."""
    forms = [path / "page.md" for path in sorted(CASES.iterdir()) if path.name.startswith(("zh-", "en-"))]
    for number, form in enumerate(islice(cycle(forms), PAGES)):
        text = form.read_text(encoding="utf-8").replace("character-edit", f"model-{number}")
        (folder / f"{number:03}.md").write_text(text, encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def main() -> None:
    """Print the CPU time of all pages and of one page."""
    with TemporaryDirectory() as directory:
        size = _write_pages(Path(directory))
        read = json.loads(commands.show_facts(directory, SPEC, as_json=True).text)
        if len({page["model"] for page in read}) != PAGES:
            raise SystemExit(f"expected {PAGES} pages with different models, got {len(read)}")
        seconds = min(cpu(lambda: commands.show_facts(directory, SPEC, as_json=True)) for _ in range(ROUNDS))
    row = (PAGES, f"{size / 1e6:.1f}", f"{seconds:.2f}", f"{1e3 * seconds / PAGES:.1f}", judged(seconds, AIM))
    table("CPU of reading pages, one core", ("pages", "MB", "s", "ms per page", "aim, s"), [row])


if __name__ == "__main__":
    main()
