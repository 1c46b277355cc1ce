"""What of the contract no call in a test comes near: limits of size, distances, a message's second name."""

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram._contract import CONTRACT
from kie_ideogram.errors import InsufficientCreditsError
from tests.client.conftest import QUERY, TASK_ID, Client

MIB = 2**20


def test_a_picture_may_have_100_and_a_reply_16_mebibytes() -> None:
    assert (CONTRACT.media.max_bytes, CONTRACT.envelope.max_bytes) == (100 * MIB, 16 * MIB)


@pytest.mark.parametrize(
    ("operation", "gap"),
    [("createTask", (10 + 0.5) / 20), ("getTask", (1 + 0.05) / 10), ("getCredits", None)],
)
def test_calls_keep_the_documented_distance_and_a_margin(
    client: Client, operation: str, gap: float | None
) -> None:
    gaps = list(client.kie.core.turnstile.gaps(operation).values())
    assert gaps == ([] if gap is None else [pytest.approx(gap)])


def test_a_refusal_may_say_message_for_msg(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json={"code": 402, "message": "Broke.", "data": None})
    with pytest.raises(InsufficientCreditsError, match=r"Broke\."):
        client.do(client.kie.tasks.get(TASK_ID))
