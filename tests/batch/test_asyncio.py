"""`AsyncKie.batch` runs the same rows with the same outcomes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from kie_ideogram import AsyncKie
from tests.batch.support import Folder, calls
from tests.money.support import HURRIED, KEY, Hurried


def run(folder: Folder, sandbox: Hurried, use: Callable[[AsyncKie], Coroutine[Any, Any, Any]]) -> Any:
    """Use an asyncio client with the folder's journal."""

    async def main() -> Any:
        url = sandbox.url
        # Loading certificates would take longer than the rest of most tests.
        async with (
            httpx.AsyncClient(verify=False) as http,  # noqa: S501 # loopback without TLS
            AsyncKie(
                KEY,
                base_url=url,
                upload_base_url=url,
                journal=folder.journal,
                http_client=http,
                _environment=HURRIED,
            ) as kie,
        ):
            return await use(kie)

    return asyncio.run(main())


def test_asyncio_batch_is_that_of_the_blocking_client(folder: Folder, sandbox: Hurried) -> None:
    async def use(kie: AsyncKie) -> Any:
        batch = await kie.batch.run(folder.keyed(12), save_to=folder.out)
        return {outcome.key: outcome async for outcome in batch}

    outcomes = run(folder, sandbox, use)
    assert {outcome.status for outcome in outcomes.values()} == {"succeeded"}
    assert (len(sandbox.charges), calls(sandbox)["uploadFile"]) == (12, 3)
    assert folder.run(sandbox, folder.keyed(12)) == {
        key: outcome._replace(earlier=True) for key, outcome in outcomes.items()
    }


def test_asyncio_batch_left_early_is_continued(folder: Folder, sandbox: Hurried) -> None:
    async def leave(kie: AsyncKie) -> None:
        batch = await kie.batch.run(folder.keyed(20), save_to=folder.out)
        await anext(batch)
        await batch.close()

    run(folder, sandbox, leave)
    assert len(sandbox.charges) < 20
    with folder.client(sandbox) as kie:
        assert kie.unknown() == []
    outcomes = folder.run(sandbox, folder.keyed(20))
    assert {outcome.status for outcome in outcomes.values()} == {"succeeded"}
    assert len(sandbox.charges) == 20


def test_asyncio_estimate_sends_nothing(folder: Folder, sandbox: Hurried) -> None:
    async def use(kie: AsyncKie) -> Any:
        return await kie.batch.estimate(folder.keyed(3))

    assert run(folder, sandbox, use).credits == 36
    assert sandbox.calls == []
