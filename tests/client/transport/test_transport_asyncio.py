"""The asyncio transport against a real server: event loops, concurrency and time limits."""

import asyncio
import gc
import json

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from kie_ideogram import AsyncKie, errors
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY, Reply
from kie_ideogram._runtime.http.transport.asyncio_ import AsyncTransport
from tests.client.conftest import KEY
from tests.client.transport.local_server import TIMES, Server, get, server

__all__ = ["server"]


class TestAwaiting:
    def test_dripping_body_times_out(self, server: Server) -> None:
        async def drip() -> None:
            await AsyncTransport(TIMES, None, SYSTEM_CLOCK).run(get(f"{server.url}/drip"))

        with pytest.raises(errors.ReplyLostError, match=r"within 0\.5 s"):
            asyncio.run(drip())

    def test_limit_applies_to_the_whole_request(self, server: Server) -> None:
        async def drip() -> None:
            await AsyncTransport(TIMES._replace(total=600), None, SYSTEM_CLOCK).run(
                get(f"{server.url}/drip", limit=0.2)
            )

        with pytest.raises(errors.ReplyLostError, match=r"within 0\.2 s"):
            asyncio.run(drip())

    def test_request_queued_too_long_is_not_sent(self, server: Server) -> None:
        async def crowd() -> Reply | BaseException:
            transport = AsyncTransport(TIMES, None, SYSTEM_CLOCK)
            url = f"{server.url}/hang"
            hanging = [asyncio.ensure_future(transport.run(get(url, limit=30))) for _ in range(CONCURRENCY)]
            await asyncio.to_thread(server.full.wait, 30)
            [late] = await asyncio.gather(transport.run(get(url, limit=0.01)), return_exceptions=True)
            for one in hanging:
                one.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            # The cancelled requests released their connections.
            for _ in range(CONCURRENCY + 1):
                await transport.run(get(f"{server.url}/task"))
            await transport.close()
            return late

        late = asyncio.run(crowd())
        assert isinstance(late, errors.ServiceUnreachableError)
        assert server.requests == CONCURRENCY + CONCURRENCY + 1

    def test_at_most_eight_tasks_send_at_once(self, server: Server) -> None:
        ids = [f"t{number}" for number in range(CONCURRENCY + 4)]

        async def main() -> list[str]:
            transport = AsyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
            asked = [transport.run(get(f"{server.url}/hang?taskId={task_id}")) for task_id in ids]
            asking = asyncio.gather(*asked)
            await asyncio.to_thread(server.full.wait, 30)
            server.release.set()
            replies = await asking
            await transport.close()
            return [json.loads(reply.body)["data"]["taskId"] for reply in replies]

        assert asyncio.run(main()) == ids
        assert server.most == CONCURRENCY

    def test_closed_client_does_not_send_queued_requests(self, server: Server) -> None:
        async def main() -> Reply | BaseException:
            transport = AsyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
            url = f"{server.url}/hang"
            hanging = [asyncio.ensure_future(transport.run(get(url))) for _ in range(CONCURRENCY)]
            await asyncio.to_thread(server.full.wait, 30)
            queued = asyncio.ensure_future(transport.run(get(f"{server.url}/task")))
            await asyncio.sleep(0)
            await transport.close()
            server.release.set()
            await asyncio.gather(*hanging, return_exceptions=True)
            [late] = await asyncio.gather(queued, return_exceptions=True)
            return late

        assert isinstance(asyncio.run(main()), errors.ConfigurationError)
        assert server.requests == CONCURRENCY

    def test_event_loops_may_take_turns(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)

        async def ask() -> str:
            return (await kie.tasks.get("t")).id

        async def wait() -> object:
            [outcome] = await asyncio.gather(kie.tasks.wait("t", timeout=0), return_exceptions=True)
            return outcome

        with asyncio.Runner() as first, asyncio.Runner() as second:
            for _ in range(2):
                for runner in (first, second):
                    assert runner.run(ask()) == "t"
                    assert isinstance(runner.run(wait()), errors.TaskTimeoutError)
            second.run(kie.close())
            with pytest.raises(errors.ConfigurationError, match="closed"):
                first.run(ask())
        with pytest.raises(errors.ConfigurationError, match="closed"):
            asyncio.run(ask())

    def test_ended_event_loop_leaves_no_open_connection(self, server: Server) -> None:
        async def ask(kie: AsyncKie) -> list[str]:
            return [task.id for task in await asyncio.gather(*(kie.tasks.get(name) for name in "ab"))]

        def use() -> None:
            kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
            for _ in range(3):
                assert asyncio.run(ask(kie)) == ["a", "b"]

        # An open connection of an ended event loop raises a ResourceWarning when it is collected.
        use()
        gc.collect()

    def test_dropped_client_closes_its_connections(self, server: Server) -> None:
        async def ask() -> None:
            await AsyncKie(KEY, base_url=server.url, upload_base_url=server.url).tasks.get("t")
            gc.collect()
            await asyncio.sleep(0.01)
            gc.collect()

        asyncio.run(ask())

    def test_second_event_loop_during_a_call_is_rejected(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)

        def ask() -> None:
            asyncio.run(kie.tasks.get("t"))

        async def main() -> None:
            hanging = asyncio.ensure_future(kie.tasks.wait("hang", timeout=30))
            await asyncio.sleep(0.05)
            with pytest.raises(errors.ConfigurationError, match="calls under way in another event loop"):
                await asyncio.to_thread(ask)
            hanging.cancel()
            await asyncio.gather(hanging, return_exceptions=True)
            await asyncio.to_thread(ask)
            assert (await kie.tasks.get("t")).id == "t"
            await kie.close()

        asyncio.run(main())

    def test_event_loop_after_an_abandoned_one_is_served(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
        abandoned = asyncio.new_event_loop()
        task = abandoned.create_task(kie.tasks.wait("t", timeout=30))
        abandoned.run_until_complete(asyncio.sleep(0.1))
        abandoned.run_until_complete(abandoned.shutdown_asyncgens())
        abandoned.close()
        assert not task.done()
        coroutine = task.get_coro()
        assert coroutine  # None only for an eager task, from Python 3.12
        coroutine.close()  # as the garbage collector does
        with pytest.raises(errors.TaskTimeoutError):
            asyncio.run(kie.tasks.wait("t", timeout=0.2))

    def test_http_client_in_a_second_event_loop_is_rejected(self, server: Server) -> None:
        own = httpx.AsyncClient()
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url, http_client=own)
        with asyncio.Runner() as first:
            assert first.run(kie.tasks.get("t")).id == "t"
            with pytest.raises(
                errors.ConfigurationError, match="http_client of this client belongs to another"
            ):
                asyncio.run(kie.tasks.get("t"))
            assert first.run(kie.tasks.get("t")).id == "t"
            first.run(own.aclose())

    def test_call_outside_asyncio_is_rejected(self) -> None:
        kie = AsyncKie(KEY)
        for call in (kie.tasks.get("t"), kie.tasks.wait("t")):
            with pytest.raises(errors.ConfigurationError, match="no running asyncio event loop"):
                call.send(None)

    def test_portals_may_take_turns(self, server: Server) -> None:
        # The test clients of Starlette and FastAPI run each request, or each test, in such a portal.
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
        for name in ("a", "b"):
            with start_blocking_portal() as portal:
                assert [portal.call(kie.tasks.get, name).id for _ in range(2)] == [name, name]

    def test_http_client_of_the_wrong_type_is_rejected(self) -> None:
        with pytest.raises(errors.ConfigurationError, match=r"expected an httpx\.AsyncClient, got Client"):
            AsyncKie(KEY, http_client=httpx.Client())  # type: ignore[arg-type] # the mistake
