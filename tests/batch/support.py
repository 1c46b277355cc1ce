"""What the tests of batches share: a service without limits, a client, and files of rows."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kie_ideogram import Kie
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.testing import Sandbox
from kie_ideogram.types import BatchOutcome
from tests.money.support import client
from tests.pictures.support import Files


class Folder:
    """A folder with pictures, a journal, and the output of a batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = Files(path / "in")
        self.journal = path / "journal.db"
        self.out = path / "out"

    def csv(self, *rows: dict[str, str], name: str = "rows.csv") -> Path:
        """Write rows with the pictures of the folder. A row may replace a value, or leave it out with ""."""
        given = [self.row(**row) for row in rows]
        header = list(dict.fromkeys(column for row in given for column in row))
        target = self.path / name
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(given)
        return target

    def row(self, **changes: str) -> dict[str, str]:
        pictures = {"image": "in/image.png", "mask": "in/mask.png", "reference": "in/reference.png"}
        return {"prompt": "a smile", **pictures, "rendering_speed": "TURBO", **changes}

    def keyed(self, count: int) -> Path:
        """Write rows with the keys k0, k1, …."""
        return self.csv(*({"key": f"k{number}", "prompt": f"prompt {number}"} for number in range(count)))

    def results(self) -> list[dict[str, Any]]:
        text = (self.out / "results.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    @contextmanager
    def client(self, sandbox: Sandbox, environment: Environment | None = None) -> Iterator[Kie]:
        with client(sandbox.url, self.journal, environment) as kie:
            yield kie

    def run(
        self, sandbox: Sandbox, rows: Any, environment: Environment | None = None, **options: Any
    ) -> dict[str, BatchOutcome]:
        """Run a batch to its end, and return the outcomes by key."""
        with self.client(sandbox, environment) as kie:
            return {outcome.key: outcome for outcome in kie.batch.run(rows, save_to=self.out, **options)}


def calls(sandbox: Sandbox) -> Counter[str]:
    """Count the calls of a service by operation."""
    return Counter(call.operation for call in sandbox.calls)
