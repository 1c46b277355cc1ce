"""What the tests of clusters share: a cluster at a sandbox, and rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import run
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.cluster import Cluster
from tests.money.support import HURRIED, KEY

BATCH = "b"


@contextmanager
def cluster(
    dsn: str,
    url: str,
    folder: Path,
    accounts: Any = KEY,
    *,
    lease: float = 30.0,
    environment: Environment = HURRIED,
) -> Iterator[Cluster]:
    """Return a cluster that uses a sandbox."""
    with Cluster(
        dsn,
        accounts,
        base_url=url,
        upload_base_url=url,
        folder=folder / "fallback",
        lease=lease,
        _environment=environment,
    ) as made:
        yield made


def run_command(words: Sequence[object]) -> object:
    """Run a command in this process, with clusters that wait for shorter. Returns its exit code."""
    hurried = package()._replace(cluster=lambda: partial(Cluster, _environment=HURRIED))
    with pytest.raises(SystemExit) as ended:
        run(hurried, [*map(str, words)])
    return ended.value.code


def rows(pictures: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    """Return rows whose prompts contain their keys, with pictures that were uploaded before."""
    links = {
        "image": pictures["image_url"],
        "mask": pictures["mask_url"],
        "reference": pictures["image_url"],
    }
    return [{"key": key, "prompt": f"order {key}", "rendering_speed": "TURBO", **links} for key in keys]
