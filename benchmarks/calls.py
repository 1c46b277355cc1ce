"""CPU per call: raw httpx with `json`, openapi-python-client's untouched client, and ours."""

import asyncio
import statistics
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from benchmarks.measure import interleaved, limits, ratio, table
from benchmarks.server import serving
from benchmarks.untouched import untouched
from kie_ideogram import AsyncKie, Kie
from kie_ideogram._contract import CONTRACT

SPEC = Path(__file__).parent.parent / "spec" / "openapi.yaml"
ROUNDS = {1: 9, 64: 5, 512: 5}  # calls in flight → rounds; many at once take httpx's pool long
CALLS = 512
KEY = "benchmark"

INPUT: dict[str, Any] = {
    "prompt": "a smile, head slightly lowered, looking ahead",
    "image_url": "https://tempfile.redpandaai.co/kieai/1/image.png",
    "mask_url": "https://tempfile.redpandaai.co/kieai/1/mask.png",
    "reference_image_urls": ["https://tempfile.redpandaai.co/kieai/1/reference.png"],
    "rendering_speed": "BALANCED",
    "num_images": "1",
}
BODY = {"model": "ideogram/character-edit", "input": INPUT}
TASK = "ee9c2715375b7837f8bb51d641ff5863"
CREATE, QUERY = "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo"
HEADERS = {"Authorization": f"Bearer {KEY}"}

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def _repeated(call: Call, lost: list[httpx.TransportError]) -> Call:
    """Ask again when httpx's own client loses a call, and count it.

    With more threads than its pool keeps connections, one thread closes what another reads from.
    """

    def work() -> object:
        while True:
            try:
                return call()
            except httpx.TransportError as error:
                lost.append(error)

    return work


def _arepeated(call: AsyncCall, lost: list[httpx.TransportError]) -> AsyncCall:
    """The same for asyncio: a connection may end between being found free and being used."""

    async def work() -> object:
        while True:
            try:
                return await call()
            except httpx.TransportError as error:
                lost.append(error)

    return work


def _threads(call: Call, in_flight: int) -> Call:
    if in_flight == 1:
        return lambda: [call() for _ in range(CALLS)]
    # Threads are started before and outlive what is measured; starting 512 of them costs more than 512 calls.
    pool = ThreadPoolExecutor(in_flight)
    ready = threading.Barrier(in_flight)
    for future in [pool.submit(ready.wait) for _ in range(in_flight)]:
        future.result()

    def share() -> None:
        for _ in range(CALLS // in_flight):
            call()

    def work() -> None:
        for future in [pool.submit(share) for _ in range(in_flight)]:
            future.result()

    return work


def _coroutines(loop: asyncio.AbstractEventLoop, call: AsyncCall, in_flight: int) -> Call:
    async def worker(count: int) -> None:
        for _ in range(count):
            await call()

    async def work() -> None:
        await asyncio.gather(*(worker(CALLS // in_flight) for _ in range(in_flight)))

    return lambda: loop.run_until_complete(work())


def _sync(
    url: str, client: ModuleType, in_flight: int, lost: list[httpx.TransportError]
) -> dict[str, dict[str, Call]]:
    raw = httpx.Client(base_url=url, headers=HEADERS, timeout=60)
    other = client.AuthenticatedClient(base_url=url, token=KEY, timeout=httpx.Timeout(60))
    api, body = _untouched(client)
    kie = Kie(KEY, base_url=url)
    kinds: dict[str, dict[str, Call]] = {
        "create": {
            "httpx": _repeated(lambda: raw.post(CREATE, json=BODY).json()["data"]["taskId"], lost),
            "untouched": _repeated(lambda: api.create_task.sync(client=other, body=body).data.task_id, lost),
            "ours": lambda: kie.character_edit.create(**INPUT).id,
        },
        "query": {
            "httpx": _repeated(lambda: raw.get(QUERY, params={"taskId": TASK}).json()["data"]["state"], lost),
            "untouched": _repeated(lambda: api.get_task.sync(client=other, task_id=TASK).data.state, lost),
            "ours": lambda: kie.tasks.get(TASK).state,
        },
    }
    return {
        kind: {name: _threads(call, in_flight) for name, call in calls.items()}
        for kind, calls in kinds.items()
    }


def _async(
    url: str,
    client: ModuleType,
    in_flight: int,
    loop: asyncio.AbstractEventLoop,
    lost: list[httpx.TransportError],
) -> dict[str, dict[str, Call]]:
    raw = httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=60)
    other = client.AuthenticatedClient(base_url=url, token=KEY, timeout=httpx.Timeout(60))
    api, body = _untouched(client)
    kie = AsyncKie(KEY, base_url=url)

    async def httpx_create() -> object:
        return (await raw.post(CREATE, json=BODY)).json()["data"]["taskId"]

    async def httpx_query() -> object:
        return (await raw.get(QUERY, params={"taskId": TASK})).json()["data"]["state"]

    async def untouched_create() -> object:
        return (await api.create_task.asyncio(client=other, body=body)).data.task_id

    async def untouched_query() -> object:
        return (await api.get_task.asyncio(client=other, task_id=TASK)).data.state

    async def our_create() -> object:
        return (await kie.character_edit.create(**INPUT)).id

    async def our_query() -> object:
        return (await kie.tasks.get(TASK)).state

    kinds: dict[str, dict[str, Callable[[], Coroutine[Any, Any, object]]]] = {
        "create": {"httpx": httpx_create, "untouched": untouched_create, "ours": our_create},
        "query": {"httpx": httpx_query, "untouched": untouched_query, "ours": our_query},
    }
    return {
        kind: {
            name: _coroutines(loop, call if name == "ours" else _arepeated(call, lost), in_flight)
            for name, call in calls.items()
        }
        for kind, calls in kinds.items()
    }


def _untouched(client: ModuleType) -> tuple[Any, Any]:
    import importlib

    name = client.__name__
    for operation in ("create_task", "get_task"):
        importlib.import_module(f"{name}.api.tasks.{operation}")
    models = importlib.import_module(f"{name}.models")
    return importlib.import_module(f"{name}.api.tasks"), models.CharacterEditRequest.from_dict(BODY)


def main() -> None:
    """Print CPU per call, as ratios to raw httpx and to ourselves with one call in flight."""
    rows = []
    alone: dict[tuple[str, str], float] = {}
    lost: dict[int, list[httpx.TransportError]] = {}
    # The limiter counts as ever; only what it allows is more than a benchmark asks for.
    raised = [limit._replace(limit=10**9) for limit in CONTRACT.rate_limits]
    with limits(*raised), serving() as url, untouched(SPEC) as client:
        loop = asyncio.new_event_loop()
        for in_flight, rounds in ROUNDS.items():
            lost[in_flight] = []
            for flavour, kinds in (
                ("sync", _sync(url, client, in_flight, lost[in_flight])),
                ("async", _async(url, client, in_flight, loop, lost[in_flight])),
            ):
                for kind, contestants in kinds.items():
                    taken = interleaved(contestants, rounds)
                    ours = statistics.median(taken["ours"]) / CALLS
                    first = alone.setdefault((flavour, kind), ours)
                    rows.append(
                        (
                            kind,
                            flavour,
                            in_flight,
                            f"{1e3 * statistics.median(taken['httpx']) / CALLS:.2f}",
                            f"{1e3 * ours:.2f}",
                            f"{ratio(taken, 'untouched', 'httpx'):.2f}",
                            f"{ratio(taken, 'ours', 'httpx'):.2f}",
                            f"{ours / first:.2f}",
                        )
                    )
    head = (
        "call",
        "flavour",
        "in flight",
        "httpx ms",
        "ours ms",
        "untouched/httpx",
        "ours/httpx",
        "ours/ours at 1",
    )
    table("CPU per call", head, rows)
    counted = [(in_flight, len(errors)) for in_flight, errors in lost.items()]
    table("Calls that httpx's pool lost and that were repeated", ("in flight", "lost"), counted)


if __name__ == "__main__":
    main()
