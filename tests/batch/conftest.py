"""A service and a folder for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.support import Folder
from tests.money.support import Hurried


@pytest.fixture
def sandbox() -> Iterator[Hurried]:
    with Hurried() as sandbox:
        yield sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
