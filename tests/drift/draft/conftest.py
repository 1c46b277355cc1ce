"""The small spec that pages are drafted into."""

import shutil
from pathlib import Path

import pytest

from tests.drift.draft.drafting import LAMP_SPEC


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Copy the spec, which has one model."""
    return Path(shutil.copytree(LAMP_SPEC, tmp_path / "spec"))
