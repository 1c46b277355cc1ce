"""Which calls the client retries, how often, and after what delay."""

import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import CREATE, PAGE_ANSWER, QUERY, TASK_ID, Client, record, refused
from tests.contract.facts import DATA, FAILURES

# A query with one of these codes is refused and not retried, and the task has not failed.
NOT_RETRIED = [
    number for number, code in FAILURES.items() if code.query != "failed" and "query" not in code.retried
]
INTERVALS = {
    operation: (limit["window"] + limit["margin"]) / limit["limit"]
    for limit in DATA["rate-limits"]
    for operation in limit["operations"]
}


def read(client: Client) -> Any:
    return client.do(client.kie.tasks.get(TASK_ID))


@pytest.mark.parametrize(
    "fault",
    [
        {"json": refused(429)},
        {"json": refused(429), "status_code": 429},
        {"json": refused(455)},
        {"json": refused(500)},
        {"json": refused(500), "status_code": 500},
        {"html": "<h1>bad gateway</h1>", "status_code": 502},
        {"html": "<h1>timeout</h1>", "status_code": 504},
        {"html": "<h1>maintenance</h1>"},
        {"text": ""},
        {"json": {"code": 200}},
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("no way"),
        httpx.RemoteProtocolError("cut"),
    ],
    ids=str,
)
def test_query_is_retried_after_a_temporary_failure(
    client: Client, httpx_mock: HTTPXMock, fault: Any
) -> None:
    for _ in range(4):
        if isinstance(fault, Exception):
            httpx_mock.add_exception(fault, url=QUERY)
        else:
            httpx_mock.add_response(url=QUERY, **fault)
    httpx_mock.add_response(url=QUERY, json=record("waiting"))
    assert read(client).state == "waiting"
    assert len(httpx_mock.get_requests()) == 5


@pytest.mark.parametrize("code", NOT_RETRIED)
def test_refused_query_is_not_retried(client: Client, httpx_mock: HTTPXMock, code: int) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(code))
    with pytest.raises(errors.ApiError) as caught:
        read(client)
    assert caught.value.code == code
    assert len(httpx_mock.get_requests()) == 1
    assert client.clock.slept == []


def test_upload_is_retried_with_its_whole_content(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=502)
    httpx_mock.add_response(json={"code": 200, "data": {"downloadUrl": "https://example.com/a.png"}})
    client.do(client.kie.files.upload(b"the whole picture"))
    assert all(b"the whole picture" in request.read() for request in httpx_mock.get_requests())
    assert len(httpx_mock.get_requests()) == 2


def test_delays_grow_and_are_random(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("slow"), url=QUERY, is_reusable=True)
    with pytest.raises(errors.ReplyLostError):
        read(client)
    # Random between 0 and 0.5, 1, 2, 4 seconds; random numbers are their mean here.
    assert client.clock.slept == [0.25, 0.5, 1.0, 2.0]


def test_retries_after_429_outlast_the_rate_limit_window(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(429), is_reusable=True)
    with pytest.raises(errors.RateLimitError):
        client.create()
    # The limit is counted over ten seconds; clients in the field wait 2 to 15.
    assert len(client.clock.slept) == 4
    assert all(2 <= delay <= 22 for delay in client.clock.slept)
    assert client.clock.slept == sorted(client.clock.slept)
    assert sum(client.clock.slept) > 10


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("100000", 120, 120),
        ("0", 2, 4),
        ("-5", 2, 4),
        ("soon", 2, 4),
        ("", 2, 4),
        ("9" * 400, 120, 120),
        ("in an hour", 120, 120),
        ("an hour ago", 2, 4),
        ("Mon, 01 Jan 99999999999999 00:00:00 GMT", 2, 4),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", 2, 4),
    ],
)
@pytest.mark.parametrize("url", [CREATE, QUERY])
def test_retry_after_is_respected_up_to_a_limit(
    client: Client, httpx_mock: HTTPXMock, url: str, header: str, least: float, most: float
) -> None:
    dates = {"in an hour": time.time() + 3600, "an hour ago": time.time() - 3600}
    header = formatdate(dates[header], usegmt=True) if header in dates else header
    httpx_mock.add_response(url=url, json=refused(429), status_code=429, headers={"Retry-After": header})
    httpx_mock.add_response(url=url, json=PAGE_ANSWER if url == CREATE else record("waiting"))
    if url == CREATE:
        client.create()
    else:
        read(client)
    (delay,) = client.clock.slept
    assert least <= delay <= most


def test_error_has_the_retry_after_header(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(401), headers={"Retry-After": "7"})
    with pytest.raises(errors.AuthenticationError) as caught:
        read(client)
    assert caught.value.retry_after == "7"


@pytest.mark.parametrize("operation", DATA["operations"])
def test_calls_have_the_documented_interval(client: Client, operation: str) -> None:
    intervals = list(client.kie._session.rate_limiter.min_intervals(operation).values())
    expected = [INTERVALS[operation]] if operation in INTERVALS else []
    assert intervals == pytest.approx(expected)
