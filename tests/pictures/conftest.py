"""Pictures on disk, and a sandbox that settles every task at once."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram.testing import RealClock, Sandbox
from tests.client.conftest import NO_CERTIFICATES
from tests.money.support import KEY
from tests.pictures.support import Files, quick


class HurriedClock(RealClock):
    """Each reading is a second later than the last one, so that no rate limit is reached."""

    def __init__(self) -> None:
        self._looks = itertools.count(1_765_179_908)

    def now(self) -> float:
        return float(next(self._looks))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Shared by a module: a test looks at what it adds to `calls`, or at its own task."""
    with Sandbox(keys=[KEY], scale=0, balance=100_000, clock=HurriedClock()) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip what no test uses: making a TLS context with its certificates would take most of its time."""
    monkeypatch.setattr("ssl.create_default_context", lambda **options: NO_CERTIFICATES)


@pytest.fixture
def kie(sandbox: Sandbox) -> Iterator[Kie]:
    with sandbox.client(_environment=quick()) as kie:
        yield kie


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")
