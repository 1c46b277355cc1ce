"""Work on a batch until killed: `python -m tests.cluster.worker`, one JSON line on stdin for each run.

Each run is a fork, which connects to the database itself, so that it begins in milliseconds.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kie_ideogram._runtime.cluster.storage.rows import Rows
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram._runtime.core.effects import SendRequest
from kie_ideogram._runtime.http.transport import asyncio_ as transport
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.media import decode  # loaded once, before the forks
from kie_ideogram.resources import batch, character_edit
from tests.cluster.support import BATCH, cluster
from tests.money.support import CREATE, hurried
from tests.money.worker import end, main

assert decode
assert batch
assert character_edit


def end_at(line: str, after: int, order: dict[str, Any]) -> None:
    """End at a critical line after it was passed `after` times."""
    left = [after]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            end(order)

    perform = transport.AsyncTransport._perform

    async def performed(self: Any, effect: Any, state: Any) -> Any:
        create = isinstance(effect, SendRequest) and CREATE in str(effect.build().url)
        if create and line == "after the intent":
            count()
        outcome = await perform(self, effect, state)
        if create and line == "after the answer":
            count()
        return outcome

    def before(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            count()
            return method(*args)

        return call

    transport.AsyncTransport._perform = performed  # type: ignore[method-assign] # only in this process
    places: dict[str, tuple[Any, str]] = {
        "after the last poll": (Journal, "record_end"),
        "after the file": (Journal, "mark_done"),
        "after the journal": (Rows, "end"),
    }
    if line in places:
        owner, name = places[line]
        setattr(owner, name, before(getattr(owner, name)))


def run(order: dict[str, Any]) -> None:
    warnings.simplefilter("error")
    if "line" in order:
        end_at(order["line"], order["after"], order)
    from kie_ideogram._contract import CONTRACT

    environment = Environment(contract=hurried(CONTRACT, order["factor"]))
    folder = Path(order["out"]).parent
    with cluster(
        order["dsn"], order["url"], folder, lease=order["lease"], environment=environment
    ) as working:
        working.work(save_to=order["out"], batch=BATCH)


if __name__ == "__main__":
    main(run)
