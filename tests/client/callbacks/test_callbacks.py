"""Callbacks: which signatures, bodies and headers are verified, and which are rejected.

The signatures were computed with Python's `hmac`, `hashlib` and `base64`, not by the package.
"""

import json
import time
import traceback
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


def body(task_id: Any = ID, /, **others: Any) -> bytes:
    data = {"taskId": task_id, "state": "success", "resultJson": ""} | others.pop("data", {})
    return json.dumps({"code": 200, "msg": "done", "data": data, **others}).encode()


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
def test_known_signatures_are_verified(task_id: str, signature: str) -> None:
    assert verify(body(task_id), headers(signature)).id == task_id


def test_callback_returns_the_reported_task() -> None:
    reported = verify(body(data={"state": "fail", "failCode": "GENERATION_FAILED", "failMsg": "no luck"}))
    assert (reported.state, reported.failed) == ("fail", True)
    assert (reported.fail_code, reported.fail_msg) == ("GENERATION_FAILED", "no luck")


def test_success_with_the_members_of_2025_is_parsed() -> None:
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
def test_header_names_match_in_any_case(make: Any) -> None:
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
def test_wrong_signature_is_rejected(signature: str) -> None:
    refused("does not match", given=headers(signature))


@pytest.mark.parametrize("name", ["X-Webhook-Timestamp", "X-Webhook-Signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_unsigned_callback_names_the_missing_header(name: str, value: str | None) -> None:
    given = headers()
    if value is None:
        del given[name]
    else:
        given[name] = value
    refused(f"not signed.*{name}", given=given)


def test_empty_secret_says_where_to_make_one() -> None:
    refused("made in the settings", secret="")


def test_wrong_secret_is_rejected() -> None:
    refused("does not match", secret="another-key")


def test_wrong_task_id_is_rejected() -> None:
    refused("does not match", body("task_ideogram_1765179908064"))


@pytest.mark.parametrize("stamp", ["1769670761", "01769670760", "1769670759"])
def test_wrong_timestamp_is_rejected(stamp: str) -> None:
    refused("does not match", given=headers(stamp=stamp))


@pytest.mark.parametrize("stamp", ["-1769670760", "1769670760.0", " 1769670760", "today", "¹", "9" * 5000])
def test_invalid_timestamp_is_rejected(stamp: str) -> None:
    refused("not a number of Unix seconds", given=headers(stamp=stamp))


@pytest.mark.parametrize("now", [STAMP + 301, STAMP - 301, STAMP + 10**9])
def test_stale_callback_is_rejected(now: int) -> None:
    refused("stale", now=now)


@pytest.mark.parametrize("now", [STAMP + 300, STAMP - 300])
def test_callback_of_five_minutes_is_accepted(now: int) -> None:
    assert verify(now=now).id == ID


def test_tolerance_changes_the_allowed_age() -> None:
    refused("stale", now=STAMP + 11, tolerance=10)
    refused("stale", now=STAMP + 11, tolerance=float("nan"))
    assert verify(now=STAMP + 3600, tolerance=3600).id == ID


def test_default_time_is_the_clocks() -> None:
    refused("stale", now=None)


@pytest.mark.parametrize("place", [{"data": {"task_id": ID}}, {"taskId": ID}, {"task_id": ID}])
def test_same_id_in_several_places_is_accepted(place: dict[str, Any]) -> None:
    assert verify(body(**place)).id == ID


@pytest.mark.parametrize(
    "place", [{"data": {"task_id": HEX_ID}}, {"taskId": HEX_ID}, {"task_id": HEX_ID}, {"taskId": 7}]
)
def test_different_ids_are_rejected(place: dict[str, Any]) -> None:
    refused("different task ids", body(**place))


def test_signed_id_with_another_record_is_rejected() -> None:
    # The headers of one task, replayed with the record of another.
    refused("different task ids", body(HEX_ID, taskId=ID))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"null",
        b"{}",
        b'{"data":null}',
        b'{"data":[]}',
        b'{"data":{"taskId":7}}',
        b'{"data":{"taskId":["x"]}}',
        b'{"data":"taskId"}',
        b'{"taskId" "x"}',
        b'{"taskId":"x',
        b'{"param":"{\\"taskId\\":\\"x\\"}"}',
    ],
    ids=str,
)
def test_body_without_a_task_id_is_rejected(content: bytes) -> None:
    refused("names no task id", content)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (body()[:-1], "not JSON"),
        (b"[" * 100_000 + body(), "not JSON"),
        (b"[" + body() + b"]", "not a JSON object"),
        (b'{"other":{"taskId":"' + ID.encode() + b'"}}', "different task ids"),
    ],
    ids=["cut", "nested", "list", "elsewhere"],
)
def test_signed_body_that_is_invalid_is_rejected(content: bytes, match: str) -> None:
    refused(match, content)


@pytest.mark.parametrize(
    "content",
    [
        body(HEX_ID, other={"taskId": ID}),
        body(HEX_ID)
        .replace(b'"taskId"', rb'"\u0074askId"')
        .replace(b"}}", b'},"other":{"taskId":"%s"}}' % ID.encode()),
    ],
    ids=["nested", "escaped"],
)
def test_signed_id_outside_the_record_is_rejected(content: bytes) -> None:
    assert ID.encode() in content
    refused("different task ids", content)


def test_body_is_parsed_only_after_its_signature_is_verified() -> None:
    invalid = body()[:-1]
    refused("does not match", invalid, headers(HEX_ID_SIGNATURE))
    refused("stale", invalid, now=STAMP + 301)
    refused("not JSON", invalid)


def test_large_body_is_rejected_before_it_is_searched() -> None:
    large = body(data={"param": "x" * 40_000_000})
    start = time.monotonic()
    refused(f"^body: {len(large):,} bytes, at most 1,048,576$", large)
    assert time.monotonic() - start < 1


def test_body_of_one_mebibyte_is_accepted() -> None:
    padded = body().ljust(1_048_576)
    assert verify(padded).id == ID
    refused("1,048,577 bytes", padded + b" ")


def test_many_task_ids_are_rejected_before_they_are_signed() -> None:
    many = b"[" + b",".join(b'{"taskId":"%d"}' % number for number in range(50_000)) + b"]"
    start = time.monotonic()
    refused("different task ids", many)
    assert time.monotonic() - start < 1


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
def test_signed_body_without_a_record_is_rejected(content: bytes) -> None:
    refused("missing|expected", content)


def test_replayed_callback_is_rejected() -> None:
    known: set[tuple[str, str]] = set()

    def seen(task_id: str, signature: str) -> bool:
        new = (task_id, signature) not in known
        known.add((task_id, signature))
        return not new

    assert verify(seen=seen).id == ID
    refused("replayed", seen=seen)


def test_exception_of_seen_names_the_task() -> None:
    def seen(task_id: str, signature: str) -> bool:
        raise ConnectionError("the store is down")

    with pytest.raises(ConnectionError) as caught:
        verify(seen=seen)
    assert caught.value.__notes__ == [f"raised by seen= for the verified callback of task {ID}"]


def test_seen_is_called_for_verified_callbacks_only() -> None:
    asked: list[tuple[str, str]] = []

    def seen(task_id: str, signature: str) -> bool:
        asked.append((task_id, signature))
        return False

    refused("does not match", given=headers(HEX_ID_SIGNATURE), seen=seen)
    assert asked == []
    verify(seen=seen)
    assert asked == [(ID, SIGNATURE)]


def test_confirm_reads_the_task_back(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=succeeded("https://tempfile.aiquickdraw.com/v/true.png"))
    forged = {"resultJson": json.dumps({"resultUrls": ["https://evil.example/forged.png"]})}
    reported = verify(body(data=forged))
    confirm = reported.aconfirm if client.is_async else reported.confirm
    assert client.do(confirm(client.kie)).urls == ["https://tempfile.aiquickdraw.com/v/true.png"]


@pytest.mark.parametrize("content", [{"taskId": ID}, None.__class__, 7])
def test_decoded_body_is_rejected(content: Any) -> None:
    refused("^body: pass the raw request body as `bytes`, got ", content)


@pytest.mark.parametrize("kind", [bytearray, memoryview, bytes.decode])
def test_body_of_another_bytes_type_is_accepted(kind: Any) -> None:
    assert verify(kind(body())).id == ID


def test_id_with_a_lone_surrogate_is_rejected() -> None:
    refused("the task id is not valid text", body("\ud800"))


@pytest.mark.parametrize("key", [None, "", b"", "\n", " \ufeff "])
def test_missing_secret_is_rejected(key: Any) -> None:
    refused("no signing key", secret=key)


@pytest.mark.parametrize("key", [7, [SIGNING_KEY], object()])
def test_secret_of_another_type_is_rejected(key: Any) -> None:
    refused("secret: must be text or bytes, got", secret=key)


@pytest.mark.parametrize(
    ("stamp", "when"), [(-1000, "1000 seconds ago"), (1000, "1000 seconds in the future")]
)
def test_stale_callback_says_when_it_was_signed(stamp: int, when: str) -> None:
    refused(f"stale: signed {when}", now=STAMP - stamp)


@pytest.mark.parametrize("key", [b"\xff", "\ud800"])
def test_undecodable_secret_is_rejected(key: Any) -> None:
    refused("the signing key is not valid text", secret=key)


@pytest.mark.parametrize(
    "key",
    [
        SIGNING_KEY + "\n",
        SIGNING_KEY + "\r\n",
        f"\t{SIGNING_KEY} ",
        f"\ufeff{SIGNING_KEY}",
        SIGNING_KEY.encode(),
        SIGNING_KEY.encode() + b"\n",
        bytearray(SIGNING_KEY.encode()),
    ],
)
def test_secret_from_a_file_is_accepted(key: Any) -> None:
    assert verify(secret=key).id == ID


def test_traceback_of_the_package_does_not_show_the_secret() -> None:
    with pytest.raises(SignatureError) as caught:
        callbacks.verify(body(), headers(HEX_ID_SIGNATURE), secret=SIGNING_KEY, now=STAMP)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert len(frames) > 3
    assert all(SIGNING_KEY not in repr(frame.f_locals) for frame in frames[1:])
