"""Builds the site: `python -m website [TARGET]`.

Exits 1 for a warning, or if a page would load something from another host.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from website import api, llms, models
from website.external import external
from website.pages import CHINESE, ENGLISH, ROOT, Language, assemble

TARGET = ROOT / "build" / "docs"


def build(language: Language, sources: Path, target: Path) -> int:
    """Run Sphinx, and return its exit code."""
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--quiet"]
    command += ["--fail-on-warning", "--keep-going", "--jobs", "auto", "--conf-dir", str(ROOT / "website")]
    command += ["--define", f"language={language.code}", "--define", f"html_title={language.title}"]
    command += ["--doctree-dir", str(sources.with_suffix(".doctrees")), str(sources), str(target)]
    return subprocess.run(command, check=False).returncode  # noqa: S603 # arguments of this module


def main(target: Path) -> int:
    """Build both languages into a folder, and return the exit code."""
    shutil.rmtree(target, ignore_errors=True)
    written = models.pages() | {"reference/python.md": api.page()}
    with TemporaryDirectory() as temporary:
        for language, folder, pages in ((ENGLISH, target, written), (CHINESE, target / "zh", {})):
            sources = Path(temporary) / language.code
            assemble(language, sources, pages)
            if build(language, sources, folder):
                return 1
    (target / "llms.txt").write_text(llms.page(written), encoding="utf-8")
    found = list(external(target))
    for line in found:
        print(f"error: {line} is loaded from another host", file=sys.stderr)  # noqa: T201 # the result
    if not found:
        print(target / "index.html")  # noqa: T201 # the result
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else TARGET))
