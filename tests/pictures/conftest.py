"""Pictures on disk, and a sandbox that settles every task at once."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram.testing import RealClock, Sandbox
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
def without_certificates(no_certificates: None) -> None:
    """Use no certificates in any test of pictures."""


@pytest.fixture
def kie(sandbox: Sandbox) -> Iterator[Kie]:
    with sandbox.client(_environment=quick()) as kie:
        yield kie


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")
