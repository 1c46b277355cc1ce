"""Generates the package of each API once, and imports it as its users do."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from filelock import FileLock

from generator.__main__ import files
from generator.contract.source import read_spec
from generator.emit.package import MANIFEST
from generator.emit.write import write
from generator.scaffold import write_spec
from tests.clock import FakeClock
from tests.generator.edits import ROOT


class Api(NamedTuple):
    """An API, and one of its submissions."""

    module: str
    spec: str
    """Folder of its spec; "" for the one that `generator new` writes."""
    resource: str
    arguments: dict[str, Any]


APIS = [
    Api("film_studio", "", "draw", {"prompt": "a cat"}),
    Api("luma_dream", "examples/apis/luma/spec", "video", {"prompt": "a cat"}),
    Api("runway_api", "examples/apis/runway/spec", "gen4_image", {"prompt_text": "a cat", "ratio": "1:1"}),
    Api("flux_images", "examples/apis/bfl/spec", "flux_pro", {"prompt": "a cat"}),
    Api("render_farm", "tests/apis/render_farm/spec", "start_render", {"prompt": "a cat"}),
    Api("kie_ideogram", "spec", "v3_text_to_image", {"prompt": "a cat"}),
]


class Package(NamedTuple):
    """The imported package of an API."""

    api: Api
    folder: Path

    @property
    def spec(self) -> Path:
        """The folder of its spec."""
        return ROOT / self.api.spec if self.api.spec else self.folder / "spec"

    def part(self, name: str) -> Any:
        """Return one of its modules."""
        return importlib.import_module(f"{self.api.module}.{name}")

    def client(self, key: str, http: httpx.Client | None = None) -> Any:
        """Return a client that never sleeps, without a journal."""
        return self.client_class(key, http_client=http, _environment=self.environment)

    @property
    def client_class(self) -> Any:
        """The class of its blocking client."""
        return getattr(importlib.import_module(self.api.module), self.part("_runtime.core.identity").CLIENT)

    @property
    def environment(self) -> Any:
        """A new clock that only sleeping moves, and the mean of all random numbers."""
        return self.part("_runtime.core.clock").Environment(FakeClock(), lambda: 0.5)

    def create(self, client: Any, **more: Any) -> Any:
        """Submit a task."""
        return getattr(client, self.api.resource).create(**self.api.arguments, **more)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Api], Path]]:
    """Return what makes the package of an API, once, and returns the folder to import it from.

    The processes of a parallel run share the packages and their bytecode.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "apis"
    shared.mkdir(exist_ok=True)
    folders: dict[str, Path] = {"kie_ideogram": ROOT / "generated"}

    def make(api: Api) -> Path:
        if api.module not in folders:
            folder = folders[api.module] = shared / api.module
            with FileLock(f"{folder}.lock"):
                if not (folder / MANIFEST).exists():  # written last
                    spec = ROOT / api.spec if api.spec else folder / "spec"
                    if not api.spec:
                        write_spec(api.module, spec)
                    write(files(read_spec(spec)), folder)
            sys.path.insert(0, str(folder))
        return folders[api.module]

    yield make
    for folder in folders.values():
        if str(folder) in sys.path and folder != ROOT / "generated":
            sys.path.remove(str(folder))


@pytest.fixture(params=APIS, ids=lambda api: api.module)
def package(request: pytest.FixtureRequest, generated: Callable[[Api], Path]) -> Package:
    return Package(request.param, generated(request.param))


@pytest.fixture
def sandbox(package: Package) -> Iterator[Any]:
    testing = package.part("testing")
    with testing.Sandbox(clock=testing.VirtualClock(), visible_after=0) as sandbox:
        yield sandbox


@pytest.fixture
def client(package: Package, sandbox: Any, tmp_path: Path) -> Iterator[Any]:
    """A client of the sandbox with a journal."""
    with sandbox.client(journal=tmp_path / "journal.db") as client:
        yield client
