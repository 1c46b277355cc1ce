"""Callbacks: what a signature proves, and every form that proves nothing.

The vectors were computed by hand with Python's `hmac`, `hashlib` and `base64`, not by the package.
"""

import json
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import callbacks
from kie_ideogram.errors import SignatureError
from tests.client.conftest import QUERY, Client, succeeded

SIGNING_KEY = "kie-test-hmac-key"
STAMP = 1769670760
ID = "task_ideogram_1765179908063"
SIGNATURE = "FJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvU="
HEX_ID = "ee9c2715375b7837f8bb51d641ff5863"
HEX_ID_SIGNATURE = "XtPdIqcu2ApbbXj39jiCVexel5PX3yEm5UN+OZ2EbzE="


def headers(signature: str = SIGNATURE, stamp: str = str(STAMP)) -> dict[str, str]:
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature}


def body(task_id: Any = ID, /, **beside: Any) -> bytes:
    data = {"taskId": task_id, "state": "success", "resultJson": ""} | beside.pop("data", {})
    return json.dumps({"code": 200, "msg": "done", "data": data, **beside}).encode()


def verify(content: bytes | None = None, given: Any = None, **options: Any) -> callbacks.Callback:
    options = {"secret": SIGNING_KEY, "now": STAMP, **options}
    return callbacks.verify(
        body() if content is None else content, headers() if given is None else given, **options
    )


def refused(match: str, content: bytes | None = None, given: Any = None, **options: Any) -> None:
    with pytest.raises(SignatureError, match=match) as caught:
        verify(content, given, **options)
    assert SIGNING_KEY not in str(caught.value)
    assert SIGNATURE not in str(caught.value)


@pytest.mark.parametrize(("task_id", "signature"), [(ID, SIGNATURE), (HEX_ID, HEX_ID_SIGNATURE)])
def test_the_worked_vectors_hold(task_id: str, signature: str) -> None:
    assert verify(body(task_id), headers(signature)).id == task_id


def test_the_callback_is_a_task_as_reported() -> None:
    reported = verify(body(data={"state": "fail", "failCode": "GENERATION_FAILED", "failMsg": "no luck"}))
    assert (reported.state, reported.failed) == ("fail", True)
    assert (reported.fail_code, reported.fail_msg) == ("GENERATION_FAILED", "no luck")


def test_a_success_with_the_members_of_2025_is_the_same_task() -> None:
    """Published of that year is a failure; its members, as the success that the pages describe."""
    result = json.dumps({"resultUrls": ["https://tempfile.aiquickdraw.com/v/1.png"]})
    times = {"createTime": 1755596341000, "completeTime": 1755597081000, "updateTime": 1755597097000}
    credits_ = {"consumeCredits": 18, "remainedCredits": 2510412}
    reported = verify(body(data={"resultJson": result, "costTime": 740, "param": "{}", **times, **credits_}))
    assert (reported.id, reported.state, reported.succeeded) == (ID, "success", True)
    assert reported.urls == ["https://tempfile.aiquickdraw.com/v/1.png"]
    assert reported.completed_at is not None
    assert reported.raw["consumeCredits"] == 18


@pytest.mark.parametrize("make", [str.lower, str.upper, str])
def test_the_case_of_header_names_does_not_count(make: Any) -> None:
    assert verify(given={make(name): value for name, value in headers().items()}).id == ID


@pytest.mark.parametrize(
    "signature",
    [
        "1495570bc798880172a70fc1ba11f330976961b46208a7756cfdd4ed3a3056f5",  # hex
        "FJVXC8eYiAFypw_BuhHzMJdpYbRiCKd1bP3U7TowVvU=",  # URL-safe
        "FJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvU",  # without padding
        "FJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvV=",  # other last bits, same bytes for a lax decoder
        "fJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvU=",  # other case
        " FJVXC8eYiAFypw/BuhHzMJdpYbRiCKd1bP3U7TowVvU=",
        HEX_ID_SIGNATURE,
        "ü",
        "=",
    ],
)
def test_another_signature_is_refused(signature: str) -> None:
    refused("does not match", given=headers(signature))


@pytest.mark.parametrize("name", ["X-Webhook-Timestamp", "X-Webhook-Signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_unsigned_callback_names_the_missing_header(name: str, value: str | None) -> None:
    given = headers()
    if value is None:
        del given[name]
    else:
        given[name] = value
    refused(f"not signed.*{name}", given=given)


def test_no_signing_key_says_where_one_comes_from() -> None:
    refused("made in the settings", secret="")


def test_another_key_is_refused() -> None:
    refused("does not match", secret="another-key")


def test_another_task_is_refused() -> None:
    refused("does not match", body("task_ideogram_1765179908064"))


@pytest.mark.parametrize("stamp", ["1769670761", "01769670760", "1769670759"])
def test_another_time_is_refused(stamp: str) -> None:
    refused("does not match", given=headers(stamp=stamp))


@pytest.mark.parametrize("stamp", ["-1769670760", "1769670760.0", " 1769670760", "today", "¹", "9" * 5000])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    refused("not a number of Unix seconds", given=headers(stamp=stamp))


@pytest.mark.parametrize("now", [STAMP + 301, STAMP - 301, STAMP + 10**9])
def test_a_stale_callback_is_refused(now: int) -> None:
    refused("stale", now=now)


@pytest.mark.parametrize("now", [STAMP + 300, STAMP - 300])
def test_five_minutes_are_not_stale(now: int) -> None:
    assert verify(now=now).id == ID


def test_the_window_is_the_receivers_to_choose() -> None:
    refused("stale", now=STAMP + 11, tolerance=10)
    assert verify(now=STAMP + 3600, tolerance=3600).id == ID


def test_without_a_time_the_clock_counts() -> None:
    refused("stale", now=None)


@pytest.mark.parametrize("place", [{"data": {"task_id": ID}}, {"taskId": ID}, {"task_id": ID}])
def test_the_id_may_stand_in_several_places_that_agree(place: dict[str, Any]) -> None:
    assert verify(body(**place)).id == ID


@pytest.mark.parametrize(
    "place", [{"data": {"task_id": HEX_ID}}, {"taskId": HEX_ID}, {"task_id": HEX_ID}, {"taskId": 7}]
)
def test_a_second_id_proves_nothing(place: dict[str, Any]) -> None:
    refused("different task ids", body(**place))


def test_a_signed_id_beside_an_unsigned_record_proves_nothing() -> None:
    # The header pair of one task, replayed with the record of another.
    refused("different task ids", body(HEX_ID, taskId=ID))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "no task id"),
        (b'{"data":null}', "no task id"),
        (b'{"data":[]}', "no task id"),
        (b'{"data":{"taskId":7}}', "different task ids|no task id"),
        (b'{"data":{"taskId":["x"]}}', "different task ids|no task id"),
    ],
    ids=str,
)
def test_a_body_that_is_none_is_refused(content: bytes, match: str) -> None:
    refused(match, content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"taskId":"task_ideogram_1765179908063"}',
        b'{"code":200,"data":{"task_id":"task_ideogram_1765179908063"}}',
        b'{"code":200,"data":{"taskId":"task_ideogram_1765179908063"}}',
        b'{"code":200,"data":{"taskId":"task_ideogram_1765179908063","state":7}}',
        b'{"data":{"taskId":"task_ideogram_1765179908063","state":"success","resultJson":""}}',
    ],
)
def test_a_signed_body_without_a_record_is_refused(content: bytes) -> None:
    refused("missing|expected", content)


def test_a_callback_seen_before_is_refused() -> None:
    known: set[tuple[str, str]] = set()

    def seen(task_id: str, signature: str) -> bool:
        new = (task_id, signature) not in known
        known.add((task_id, signature))
        return not new

    assert verify(seen=seen).id == ID
    refused("replayed", seen=seen)


def test_only_what_is_proven_is_remembered() -> None:
    asked: list[tuple[str, str]] = []

    def seen(task_id: str, signature: str) -> bool:
        asked.append((task_id, signature))
        return False

    refused("does not match", given=headers(HEX_ID_SIGNATURE), seen=seen)
    assert asked == []
    verify(seen=seen)
    assert asked == [(ID, SIGNATURE)]


def test_the_body_is_not_proven_so_it_is_read_back(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=succeeded("https://tempfile.aiquickdraw.com/v/true.png"))
    forged = {"resultJson": json.dumps({"resultUrls": ["https://evil.example/forged.png"]})}
    reported = verify(body(data=forged))
    confirm = reported.aconfirm if client.is_async else reported.confirm
    assert client.do(confirm(client.kie)).urls == ["https://tempfile.aiquickdraw.com/v/true.png"]


@pytest.mark.parametrize(
    "form",
    [
        list(headers().items()),
        {name.encode(): value.encode() for name, value in headers().items()},
        [(name.lower().encode(), value.encode()) for name, value in headers().items()],
    ],
    ids=["pairs", "bytes", "asgi"],
)
def test_headers_may_come_in_any_form_of_a_framework(form: Any) -> None:
    assert verify(given=form).id == ID


@pytest.mark.parametrize("given", [7, ["x"], [("a", "b", "c")], {"X-Webhook-Timestamp": 7}])
def test_what_is_no_headers_is_refused(given: Any) -> None:
    refused("headers", given=given)


@pytest.mark.parametrize("content", [{"taskId": ID}, None.__class__, 7])
def test_a_body_that_was_decoded_already_is_refused(content: Any) -> None:
    refused("as it came", content)


def test_an_id_that_is_no_text_is_refused() -> None:
    refused("no text", body("\ud800"))


@pytest.mark.parametrize("key", [b"kie-test-hmac-key", None, ""])
def test_a_key_that_is_none_is_refused(key: Any) -> None:
    refused("no signing key", secret=key)
