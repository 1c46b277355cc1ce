"""Writes the smallest spec that lints, generates and runs in its sandbox, for a new API."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.contract.names import pascal
from generator.contract.source import read_spec
from generator.diagnostics import Diagnostic, InputError, Location

TEMPLATES = Path(__file__).parent / "templates"


def write_spec(name: str, folder: Path) -> list[Path]:
    """Write a spec for a package named `name` into a folder, and return its files.

    Raises `InputError` if the name cannot be a module's, or the files exist or cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        message = f"{name!r} is not a module's name in lower case with underscores, such as film_studio"
        raise InputError([Diagnostic(Location(folder), message, "package")])
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 # the output is YAML, and the name is checked above
    )
    given = {"module": name, "client": pascal(name), "title": " ".join(name.split("_")).title()}
    files = {
        folder / template.removesuffix(".jinja"): environment.get_template(template).render(given)
        for template in environment.list_templates()
    }
    taken = [path for path in files if path.exists()]
    if taken:
        raise InputError([Diagnostic(Location(path), "exists already", "write") for path in taken])
    read_spec(folder, {path.name: text for path, text in files.items()})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise InputError([Diagnostic(Location(folder), message, "write")]) from None
    return sorted(files)
