"""Measure CPU per call of raw httpx, the stock openapi-python-client client, and ours."""

import asyncio
import statistics
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from benchmarks.measure import interleaved, judged, limits, ratio, table
from benchmarks.server import serving
from benchmarks.stock_client import stock_client
from kie_ideogram import AsyncKie, Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram._declared.character_edit import MODEL
from kie_ideogram._runtime.tasks.submit.body import argument_faults, build_body

SPEC = Path(__file__).parent.parent / "spec" / "openapi.yaml"
# Calls in flight → (calls per measurement, number of measurements). With one call in flight, many short
# measurements separate an expensive call from a busy machine. With many in flight, httpx's pool is slow, so
# there are fewer measurements.
AGAINST_HTTPX = {1: (64, 80), 64: (512, 5), 512: (512, 3)}
IN_FLIGHT = (1, 64, 512)
# Ratios to raw httpx with one call in flight, and to our client with one.
AIMS = {
    ("sync", "create"): 0.78,
    ("async", "create"): 0.60,
    ("sync", "query"): 0.68,
    ("async", "query"): 0.52,
}
AIM_OF_MANY = 1.15
AIM_OF_CHECKS = 0.05
CALLS, ROUNDS = 4096, 7  # our client against itself: eight calls for each of 512 callers
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


def _retrying(call: Call, lost: list[httpx.TransportError]) -> Call:
    """Repeat a call that raw httpx loses, and count it.

    With more threads than pooled connections, one thread closes a connection that another one reads from.
    """

    def work() -> object:
        while True:
            try:
                return call()
            except httpx.TransportError as error:
                lost.append(error)

    return work


def _aretrying(call: AsyncCall, lost: list[httpx.TransportError]) -> AsyncCall:
    """Repeat a call that raw httpx loses, and count it. A pooled connection may close before its use."""

    async def work() -> object:
        while True:
            try:
                return await call()
            except httpx.TransportError as error:
                lost.append(error)

    return work


def _threads(call: Call, in_flight: int, calls: int) -> Call:
    if in_flight == 1:
        return lambda: [call() for _ in range(calls)]
    # The threads start before the measurement and outlive it. Starting 512 threads costs more than 512 calls.
    pool = ThreadPoolExecutor(in_flight)
    ready = threading.Barrier(in_flight)
    for future in [pool.submit(ready.wait) for _ in range(in_flight)]:
        future.result()

    def share() -> None:
        for _ in range(calls // in_flight):
            call()

    def work() -> None:
        for future in [pool.submit(share) for _ in range(in_flight)]:
            future.result()

    return work


def _coroutines(loop: asyncio.AbstractEventLoop, call: AsyncCall, in_flight: int, calls: int) -> Call:
    async def worker(count: int) -> None:
        for _ in range(count):
            await call()

    async def work() -> None:
        await asyncio.gather(*(worker(calls // in_flight) for _ in range(in_flight)))

    return lambda: loop.run_until_complete(work())


def _sync(url: str, client: ModuleType, lost: list[httpx.TransportError]) -> dict[str, dict[str, Call]]:
    raw = httpx.Client(base_url=url, headers=HEADERS, timeout=60)
    other = client.AuthenticatedClient(base_url=url, token=KEY, timeout=httpx.Timeout(60))
    api, body = _stock_api(client)
    kie = Kie(KEY, base_url=url, upload_base_url=url)
    return {
        "create": {
            "httpx": _retrying(lambda: raw.post(CREATE, json=BODY).json()["data"]["taskId"], lost),
            "stock": _retrying(lambda: api.create_task.sync(client=other, body=body).data.task_id, lost),
            "ours": lambda: kie.character_edit.create(**INPUT).id,
        },
        "query": {
            "httpx": _retrying(lambda: raw.get(QUERY, params={"taskId": TASK}).json()["data"]["state"], lost),
            "stock": _retrying(lambda: api.get_task.sync(client=other, task_id=TASK).data.state, lost),
            "ours": lambda: kie.tasks.get(TASK).state,
        },
    }


def _async(url: str, client: ModuleType, lost: list[httpx.TransportError]) -> dict[str, dict[str, AsyncCall]]:
    raw = httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=60)
    other = client.AuthenticatedClient(base_url=url, token=KEY, timeout=httpx.Timeout(60))
    api, body = _stock_api(client)
    kie = AsyncKie(KEY, base_url=url, upload_base_url=url)

    async def httpx_create() -> object:
        return (await raw.post(CREATE, json=BODY)).json()["data"]["taskId"]

    async def httpx_query() -> object:
        return (await raw.get(QUERY, params={"taskId": TASK})).json()["data"]["state"]

    async def stock_create() -> object:
        return (await api.create_task.asyncio(client=other, body=body)).data.task_id

    async def stock_query() -> object:
        return (await api.get_task.asyncio(client=other, task_id=TASK)).data.state

    async def our_create() -> object:
        return (await kie.character_edit.create(**INPUT)).id

    async def our_query() -> object:
        return (await kie.tasks.get(TASK)).state

    return {
        "create": {
            "httpx": _aretrying(httpx_create, lost),
            "stock": _aretrying(stock_create, lost),
            "ours": our_create,
        },
        "query": {
            "httpx": _aretrying(httpx_query, lost),
            "stock": _aretrying(stock_query, lost),
            "ours": our_query,
        },
    }


def _stock_api(client: ModuleType) -> tuple[Any, Any]:
    import importlib

    name = client.__name__
    for operation in ("create_task", "get_task"):
        importlib.import_module(f"{name}.api.tasks.{operation}")
    models = importlib.import_module(f"{name}.models")
    return importlib.import_module(f"{name}.api.tasks"), models.CharacterEditRequest.from_dict(BODY)


def _against_httpx(url: str, client: ModuleType, loop: asyncio.AbstractEventLoop) -> None:
    rows, lost_calls = [], []
    for in_flight, (calls, rounds) in AGAINST_HTTPX.items():
        lost: list[httpx.TransportError] = []
        comparisons: dict[tuple[str, str], dict[str, Call]] = {}
        for kind, candidates in _sync(url, client, lost).items():
            works = {name: _threads(call, in_flight, calls) for name, call in candidates.items()}
            comparisons["sync", kind] = works
        for kind, awaited in _async(url, client, lost).items():
            works = {name: _coroutines(loop, call, in_flight, calls) for name, call in awaited.items()}
            comparisons["async", kind] = works
        for (flavour, kind), works in comparisons.items():
            seconds = interleaved(works, rounds)
            httpx_ms, ours_ms = (1e3 * statistics.median(seconds[name]) / calls for name in ("httpx", "ours"))
            stock_ratio, ours_ratio = (ratio(seconds, name, "httpx") for name in ("stock", "ours"))
            figures = [f"{figure:.2f}" for figure in (httpx_ms, ours_ms, stock_ratio, ours_ratio)]
            aim = judged(ours_ratio, AIMS[flavour, kind]) if in_flight == 1 else ""
            rows.append((kind, flavour, in_flight, *figures, aim))
        lost_calls.append((in_flight, len(lost)))
    head = ("call", "flavour", "in flight", "httpx ms", "ours ms", "stock/httpx", "ours/httpx", "aim")
    table("CPU per call, compared with httpx", head, rows)
    table("Calls that httpx's pool lost and the benchmark repeated", ("in flight", "lost"), lost_calls)


def _against_one(url: str, client: ModuleType, loop: asyncio.AbstractEventLoop) -> None:
    comparisons: dict[tuple[str, str], dict[str, Call]] = {}
    for kind, candidates in _sync(url, client, []).items():
        call = candidates["ours"]
        comparisons["sync", kind] = {str(many): _threads(call, many, CALLS) for many in IN_FLIGHT}
    for kind, awaited in _async(url, client, []).items():
        coroutine = awaited["ours"]
        comparisons["async", kind] = {
            str(many): _coroutines(loop, coroutine, many, CALLS) for many in IN_FLIGHT
        }
    rows = []
    for (flavour, kind), works in comparisons.items():
        seconds = interleaved(works, ROUNDS)
        for many in IN_FLIGHT[1:]:
            found = ratio(seconds, str(many), "1")
            rows.append((kind, flavour, many, f"{found:.2f}", judged(found, AIM_OF_MANY)))
    table("CPU per call, compared with one in flight", ("call", "flavour", "in flight", "ratio", "aim"), rows)


def _checks(url: str) -> None:
    """Print the share of a call that building and checking its body takes."""
    calls, rounds = 500, 5
    with Kie(KEY, base_url=url, upload_base_url=url) as kie:
        session, resource = kie._session, kie.character_edit

        def check() -> object:
            return argument_faults(session, MODEL, build_body(session, MODEL, INPUT))

        seconds = interleaved(
            {
                "checks": lambda: [check() for _ in range(calls)],
                "create": lambda: [resource.create(**INPUT) for _ in range(calls)],
            },
            rounds,
        )
    share = ratio(seconds, "checks", "create")
    microseconds = 1e6 * statistics.median(seconds["checks"]) / calls
    row = (f"{microseconds:.1f}", f"{share:.1%}", judged(share, AIM_OF_CHECKS))
    table("CPU of checking a body, in a blocking create", ("µs", "share of the call", "aim"), [row])


def main() -> None:
    """Print CPU per call, as ratios to raw httpx and to our client with one call in flight."""
    # The rate limiter still counts every call, but its limit is higher than any benchmark needs.
    raised = [limit._replace(limit=10**9) for limit in CONTRACT.rate_limits]
    with limits(*raised), serving() as url, stock_client(SPEC) as client:
        loop = asyncio.new_event_loop()
        _against_httpx(url, client, loop)
        _against_one(url, client, loop)
        _checks(url)


if __name__ == "__main__":
    main()
