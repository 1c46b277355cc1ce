"""Renders the package: a pure function from the spec to `{path: text}`."""

import json
import subprocess
import sysconfig
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.contract.load import Document
from generator.contract.model import Contract
from generator.emit.models import typed_models

MANIFEST = "manifest.json"
HEADER = "# Generated from spec/ by `make generate`. Do not edit.\n"

NONE: Mapping[str, str] = {}

TEMPLATES = Path(__file__).parent / "templates"
RUNTIME = Path(__file__).parent.parent / "runtime"

# A fixed list of rules: ruff's default fixes change between releases, and some rewrite types.
FORMATTER = (
    (
        "check",
        "--isolated",
        "--quiet",
        "--select=I,F401",
        "--fix-only",
        "--no-cache",
        "--target-version=py311",
    ),
    ("format", "--isolated", "--quiet", "--no-cache", "--target-version=py311", "--line-length=110"),
)


def package(
    contract: Contract, openapi: Document, arazzo: Document, recordings: Mapping[str, str] = NONE
) -> dict[str, str]:
    """Return the text of every file of `generated/` by path.

    The recordings are for users' tests.
    """
    models = typed_models(openapi)
    environment, module = _environment(), contract.package.module
    given = {"contract": contract, "classes": models.classes}
    files = {f"{module}/{path}": text for path, text in models.files.items()}
    for name in sorted(environment.list_templates(filter_func=lambda path: path.endswith(".py.jinja"))):
        template = environment.get_template(name)
        for target, more in _targets(name, contract):
            files[target] = template.render(given | more)
    files = {path: HEADER + text for path, text in _formatted(files).items()}
    files[f"{module}/py.typed"] = ""
    for path in sorted(path for path in RUNTIME.rglob("*") if path.suffix in (".py", ".html")):
        # A template takes precedence: the identity of the package is in the runtime and depends on the spec.
        target = f"{module}/_runtime/{path.relative_to(RUNTIME).as_posix()}"
        files.setdefault(target, path.read_text(encoding="utf-8"))
    files |= {f"{module}/recordings/{path}": text for path, text in recordings.items()}
    files = dict(sorted(files.items()))
    return files | {MANIFEST: manifest(files, openapi, arazzo)}


@cache
def _environment() -> Environment:
    """Return the templates, compiled once because that takes longer than rendering."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 # the output is Python, and every text goes through one of the filters below
    )
    environment.filters.update(literal=literal, docstring=docstring)
    return environment


def _targets(template: str, contract: Contract) -> list[tuple[str, dict[str, Any]]]:
    """Return the files of a template: one of the same name, or one per model or resource."""
    module = contract.package.module
    if template.endswith("/model_resource.py.jinja"):
        return [(f"{module}/resources/{entry.name}.py", {"resource": entry}) for entry in contract.models]
    if template.endswith("/declared_model.py.jinja"):
        return [(f"{module}/_declared/{entry.name}.py", {"resource": entry}) for entry in contract.models]
    if template.endswith("/tag_resource.py.jinja"):
        return [(f"{module}/resources/{entry.name}.py", {"resource": entry}) for entry in contract.tags]
    if template.endswith("/callbacks.py.jinja") and contract.api.signature is None:
        return []
    return [(f"{module}/{template.removeprefix('package/').removesuffix('.jinja')}", {})]


def manifest(files: dict[str, str], openapi: Document, arazzo: Document) -> str:
    """Return a record of the documents, the tools and the hash of each file."""
    record = {
        "spec": {document.path.name: document.sha256 for document in (openapi, arazzo)},
        "tools": tools(),
        "files": {path: sha256(text.encode()).hexdigest() for path, text in files.items()},
    }
    return json.dumps(record, indent=2) + "\n"


def tools() -> dict[str, str]:
    """Return the versions of the tools whose output becomes part of the package."""
    return {name: version(name) for name in ("openapi-python-client", "ruff")}


def literal(value: Any) -> str:
    """Write a value as Python source.

    Fields of named tuples that equal their defaults are omitted.
    """
    names: tuple[str, ...] | None = getattr(value, "_fields", None)
    if isinstance(value, tuple) and names is not None:
        defaults: dict[str, Any] = getattr(value, "_field_defaults", {})
        fields = [
            (name, item)
            for name, item in zip(names, value, strict=True)
            if name not in defaults or defaults[name] != item
        ]
        return f"{type(value).__name__}({', '.join(f'{name}={literal(item)}' for name, item in fields)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def docstring(text: str) -> str:
    """Escape text for use inside triple quotes."""
    safe = text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    return safe + " " if safe.endswith('"') else safe


def _formatted(files: dict[str, str]) -> dict[str, str]:
    """Format all files in one run of ruff, in a temporary folder."""
    with TemporaryDirectory() as directory:
        root = Path(directory)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        ruff = Path(sysconfig.get_path("scripts"), "ruff")
        for arguments in FORMATTER:
            subprocess.run([ruff, *arguments, "."], cwd=root, check=True)  # noqa: S603 # the arguments are constants
        return {path: (root / path).read_text(encoding="utf-8") for path in files}
