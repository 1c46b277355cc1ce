"""Run the Python blocks of a documentation page against a sandbox."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import kie_ideogram
from examples import portrait
from kie_ideogram._contract import CONTRACT
from kie_ideogram.testing import Sandbox
from tests.money.support import HURRIED

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "generator/README.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")),
)


class Unlimited(Sandbox):
    """A sandbox without rate limits, for clients whose waits are shortened."""

    contract = CONTRACT._replace(rate_limits=())


def text(page: str) -> str:
    """Return a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    """Return the Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)


@cache
def drawings() -> dict[str, bytes]:
    """Draw the pictures that the pages name."""
    return {
        "portrait.png": portrait.portrait(),
        "mask.png": portrait.mask(),
        "reference.png": portrait.reference(),
    }


def use_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have code that imports a client from the package connect to a sandbox, and wait for shorter."""
    servers = {"base_url": sandbox.url, "upload_base_url": sandbox.url}
    for name in ("Kie", "AsyncKie"):
        preset(monkeypatch, kie_ideogram, name, **servers)


def preset(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, **options: Any) -> None:
    """Have code that imports a class of the package get one with these options, which waits for shorter."""
    monkeypatch.setattr(module, name, partial(getattr(module, name), **options, _environment=HURRIED))


@contextmanager
def runner(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Sandbox, Callable[[str], dict[str, Any]]]]:
    """Yield a sandbox and a function that runs code against it, in one namespace, which it returns.

    The code finds the pictures that the pages name in its working folder, and its API key in the environment.
    """
    for name, content in drawings().items():
        (folder / name).write_bytes(content)
    monkeypatch.chdir(folder)
    with Unlimited(scale=0) as sandbox:
        monkeypatch.setenv("KIE_API_KEY", sandbox.keys[0])
        use_sandbox(sandbox, monkeypatch)
        names: dict[str, Any] = {"__name__": "page"}

        def run(code: str) -> dict[str, Any]:
            exec(compile(code, "page", "exec"), names)  # noqa: S102 # our own page
            return names

        yield sandbox, run
