"""Transports of the caller that raise after a submission was sent: it is not repeated."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram.testing import Sandbox
from tests.pictures.support import Files


class FailingLate(httpx.HTTPTransport):
    """A transport of the caller that raises after the service has accepted a submission."""

    def __init__(self, place: str, error: Exception) -> None:
        super().__init__()
        self._place, self._error = place, error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if "createTask" not in str(request.url):
            return response
        if self._place == "request":
            response.close()
            raise self._error
        return httpx.Response(200, stream=FailingBody(response, self._place, self._error))


class FailingBody(httpx.SyncByteStream):
    def __init__(self, response: httpx.Response, place: str, error: Exception) -> None:
        self._response, self._place, self._error = response, place, error

    def __iter__(self) -> Iterator[bytes]:
        if self._place == "body":
            raise self._error
        yield from self._response.iter_raw()

    def close(self) -> None:
        self._response.close()
        if self._place == "end":
            raise self._error


class AsyncFailingLate(httpx.AsyncHTTPTransport):
    """The same for asyncio, which raises for the request only."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if "createTask" in str(request.url):
            await response.aclose()
            raise self._error
        return response


# Each says that nothing was sent, or that the service has refused the request.
NOT_SENT = [
    httpx.ConnectError("of a second attempt"),
    httpx.PoolTimeout("of a second attempt"),
    errors.ServiceUnreachableError("of another client"),
    errors.ConfigurationError("of another client"),
    errors.CallTimeoutError("of another client"),
    errors.RateLimitError("of another client", code=429, msg="", http_status=429),
]


@pytest.mark.parametrize("place", ["request", "body", "end"])
@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
def test_an_error_after_a_submission_was_sent_leaves_it_unknown(
    sandbox: Sandbox, files: Files, place: str, error: Exception
) -> None:
    before = len(sandbox.charges)
    with httpx.Client(transport=FailingLate(place, error)) as http:
        kie = Kie(sandbox.keys[0], base_url=sandbox.url, upload_base_url=sandbox.url, http_client=http)
        with pytest.raises(errors.SubmissionUnknownError):
            kie.character_edit.submit(**files.given())
    assert len(sandbox.charges) == before + 1


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
def test_an_error_after_an_asyncio_submission_leaves_it_unknown(
    sandbox: Sandbox, files: Files, error: Exception
) -> None:
    before = len(sandbox.charges)

    async def submit() -> None:
        async with httpx.AsyncClient(transport=AsyncFailingLate(error)) as http:
            kie = AsyncKie(
                sandbox.keys[0], base_url=sandbox.url, upload_base_url=sandbox.url, http_client=http
            )
            await kie.character_edit.submit(**files.given())

    with pytest.raises(errors.SubmissionUnknownError):
        asyncio.run(submit())
    assert len(sandbox.charges) == before + 1
