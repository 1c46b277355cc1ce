"""Large values of callers and servers: checks take linear time, and messages stay short."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import callbacks, errors
from kie_ideogram._runtime.contract.describe import describe
from kie_ideogram._runtime.contract.json_schema import URI, compile_schema
from kie_ideogram._runtime.contract.suggest import did_you_mean
from kie_ideogram._runtime.http.retry import retry_after
from kie_ideogram.errors import Fault
from tests.client.conftest import QUERY, TASK_ID, Client, record

MILLION = 1_000_000


def unique(items: list[Any]) -> list[Fault]:
    faults: list[Fault] = []
    compile_schema({"uniqueItems": True})(items, "", faults)
    return faults


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


@pytest.mark.parametrize("filler", ["a", " ", "%20", "/", ":", "@", "\\", "ü"])
def test_uri_check_is_linear(filler: str) -> None:
    assert seconds(lambda: URI.match("a:" + filler * MILLION + " ")) < 2


@pytest.mark.parametrize("filler", ["9", " ", "-", ":", ",", "(", '"', "\\", ";", "GMT "])
@pytest.mark.parametrize("start", ["", "Wed, 21 Oct 2099 07:28:00 "])
def test_retry_after_is_linear(start: str, filler: str) -> None:
    header = start + filler * 100_000
    assert seconds(lambda: retry_after(header, 0, 60)) < 2


@pytest.mark.parametrize(
    "make",
    [str, int, lambda number: {"a": [number]}],
    ids=["strings", "numbers", "objects"],
)
def test_unique_items_are_checked_in_linear_time(make: Callable[[int], Any]) -> None:
    items = [make(number) for number in range(50_000)]
    assert seconds(lambda: unique(items)) < 2
    assert unique(items) == []
    assert [fault.rule for fault in unique([*items, items[0]])] == ["uniqueItems"]


@pytest.mark.parametrize(
    ("items", "same"),
    [
        ([1, 1.0], True),
        ([True, 1], False),
        ([False, 0], False),
        ([None, False], False),
        (["1", 1], False),
        ([[1], (1,)], True),
        ([[True], [1]], False),
        ([True, [True]], False),
        ([True, [1]], False),
        ([{1}, {1}], False),  # sets are not JSON; another check reports them
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], True),
        ([{}, []], False),
        ([float("nan"), 1], False),
    ],
)
def test_unique_items_are_compared_as_json(items: list[Any], same: bool) -> None:
    assert bool(unique(items)) is same


@pytest.mark.parametrize("text", ["x" * 100 * MILLION, "\n" * 100 * MILLION], ids=["plain", "escaped"])
def test_long_text_is_described_at_once(text: str) -> None:
    shown = ""

    def show() -> None:
        nonlocal shown
        shown = describe(text)

    assert seconds(show) < 0.1
    assert shown.endswith("… (100,000,000 characters)")
    assert len(shown) < 100


def test_long_word_gets_no_suggestion() -> None:
    assert did_you_mean("promt", ["prompt"]) == "; did you mean 'prompt'?"
    assert did_you_mean("p" * 1000, ["p" * 1000]) == ""


def test_long_message_of_the_service_is_cut_in_the_error(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"code": 402, "msg": "x" * MILLION, "data": None})
    with pytest.raises(errors.ApiError, match=r"x… \(1,000,000 characters\)") as caught:
        client.do(client.kie.credits.get())
    assert len(str(caught.value)) < 2000
    assert caught.value.msg == "x" * MILLION


def test_long_content_type_is_cut_in_the_error(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(text="<html>", headers={"Content-Type": "x" * 60_000}, is_reusable=True)
    with pytest.raises(errors.ResponseFormatError) as caught:
        client.do(client.kie.credits.get())
    assert len(str(caught.value)) < 2000


def test_many_faults_of_a_reply_are_counted(
    monkeypatch: pytest.MonkeyPatch, client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=QUERY, json=record("waiting"), is_reusable=True)
    prepared = client.kie._session.operation("getTask")
    monkeypatch.setattr(
        prepared,
        "data_check",
        lambda value, path, faults: faults.extend(Fault(f"data[{n}]", "type", "wrong") for n in range(9000)),
    )
    with pytest.raises(
        errors.ResponseFormatError, match=r"data\[4\]: wrong; and 8,995 more faults"
    ) as caught:
        client.do(client.kie.tasks.get(TASK_ID))
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    "filler", ['"taskId"', '"taskId":', '"taskId" ', '"taskId":"', '"taskId":"\\', " ", '"', "\\"], ids=str
)
def test_callback_body_is_searched_in_linear_time(filler: str) -> None:
    body = (json.dumps({"data": {}}) + filler * (MILLION // len(filler))).encode()
    given = {"X-Webhook-Timestamp": "1769670760", "X-Webhook-Signature": "x"}

    def verify() -> None:
        with pytest.raises(errors.SignatureError):
            callbacks.verify(body, given, secret="s", now=1769670760)

    assert seconds(verify) < 2
