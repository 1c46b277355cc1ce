"""Any reply: the client raises `KieError` only, does not hang, and does not show the API key."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kie_ideogram import KieError, callbacks
from kie_ideogram.errors import SubmissionUnknownError
from tests.client.conftest import EDIT, KEY, TASK_ID, Client, record, succeeded

# The same examples in every run. A fault that is found elsewhere becomes a separate example.
BOUNDED = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(KEY)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
codes = st.sampled_from(
    [200, 400, 401, 404, 422, 429, 500, 501, 505, 799, -1, 0, 2**70, "200", True, None, 200.0]
)
# Almost valid: an envelope with a record, some of whose members are arbitrary.
envelopes = st.fixed_dictionaries(
    {"code": codes}, optional={"msg": anything, "message": anything, "data": anything, "success": anything}
)
records = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys((*record("success")["data"], "progress", "creditsConsumed"), anything),
).map(lambda changes: {**succeeded(), "data": {**succeeded()["data"], **changes}})
bodies = st.one_of(
    st.binary(max_size=60),
    st.one_of(anything, envelopes, records).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"", b"null", b"\xff\xfe", b"[" * 100_000, b'{"code":' + b"9" * 5000 + b"}", KEY.encode()]
    ),
)
names = st.sampled_from(
    ["Retry-After", "Content-Type", "Content-Encoding", "Content-Length", "Location", "Set-Cookie", "Date"]
) | st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)
values = st.one_of(
    st.sampled_from(
        ["0", "-1", "1e9", "nan", "Wed, 21 Oct 2099 07:28:00 GMT", "gzip", "br", "text/html", KEY]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20).map(str.encode),
)
headers = st.dictionaries(names, values, max_size=3)
statuses = st.sampled_from([200, 201, 204, 299, 301, 304, 400, 401, 403, 404, 418, 429, 500, 502, 503, 599])


def answering(client: Client, status: int, head: dict[str, str], body: bytes) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(body)
        return httpx.Response(status, headers=head, stream=stream, request=request)

    return client.make(http_client=client.http_client(transport=httpx.MockTransport(answer)))


def attempt(client: Client, call: Any) -> Any:
    """Make a call, check everything that it returns or raises, and return its error."""
    try:
        outcome = client.do(call())
    except KieError as error:
        shown: BaseException | None = error
        while shown is not None:
            assert KEY not in str(shown)
            assert KEY not in repr(shown)
            shown = shown.__cause__
        return error
    for name in ("state", "urls", "fail_code", "fail_msg", "created_at", "completed_at", "credits"):
        getattr(outcome, name, None)
    assert KEY not in repr(outcome) or not hasattr(outcome, "raw")
    return None


@BOUNDED
@given(status=statuses, head=headers, body=bodies)
def test_submission_returns_a_task_or_raises_kie_error(
    client: Client, status: int, head: dict[str, str], body: bytes
) -> None:
    kie = answering(client, status, head, body)
    error = attempt(client, lambda: kie.character_edit.create(**EDIT))
    if isinstance(error, SubmissionUnknownError):
        assert len(error.fingerprint) == 64


@BOUNDED
@given(status=statuses, head=headers, body=bodies)
def test_wait_ends_in_time_for_any_reply(
    client: Client, status: int, head: dict[str, str], body: bytes
) -> None:
    kie = answering(client, status, head, body)
    start = client.clock.now
    attempt(client, lambda: kie.tasks.wait(TASK_ID, timeout=60))
    # A poll at the deadline still gets a second, and the fake clock counts whole seconds.
    assert client.clock.now - start <= 60 + 2


@BOUNDED
@given(status=statuses, head=headers, body=bodies)
def test_other_calls_return_or_raise_kie_error(
    client: Client, status: int, head: dict[str, str], body: bytes
) -> None:
    kie = answering(client, status, head, body)
    for call in (
        lambda: kie.tasks.get(TASK_ID),
        lambda: kie.files.upload(b"a"),
        lambda: kie.files.download_url("https://example.com/a.png"),
        lambda: kie.credits.get(),
    ):
        attempt(client, call)


@BOUNDED
@given(
    body=bodies, head=headers, stamp=st.text(max_size=12) | st.just("1769670760"), sign=st.text(max_size=50)
)
def test_unverified_callback_raises_kie_error(
    body: bytes, head: dict[str, str], stamp: str, sign: str
) -> None:
    given = {**head, "X-Webhook-Timestamp": stamp, "X-Webhook-Signature": sign}
    with pytest.raises(KieError) as caught:
        callbacks.verify(body, given, secret=KEY, now=1769670760)
    assert KEY not in str(caught.value)
