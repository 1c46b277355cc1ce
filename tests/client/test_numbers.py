"""What of the contract no call in a test comes near: limits of size, distances, a message's second name."""

from enum import Enum

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram._contract import CONTRACT
from kie_ideogram.errors import InsufficientCreditsError
from kie_ideogram.models import (
    CharacterEditInputNumImages,
    CharacterEditInputRenderingSpeed,
    CharacterEditInputStyle,
)
from tests.client.conftest import QUERY, TASK_ID, Client

MIB = 2**20
MODEL = CONTRACT.models["ideogram/character-edit"]


def test_a_picture_may_have_100_and_a_reply_16_mebibytes() -> None:
    assert (CONTRACT.media.max_bytes, CONTRACT.envelope.max_bytes) == (100 * MIB, 16 * MIB)


def test_what_the_service_takes_for_what_is_left_out() -> None:
    defaults = {each.name: each.default for each in MODEL.arguments if each.default is not None}
    assert defaults == {
        "rendering_speed": "BALANCED",
        "style": "AUTO",
        "expand_prompt": True,
        "num_images": "1",
    }


def test_of_the_references_one_is_used() -> None:
    used = {image.role: image.used for image in MODEL.images}
    assert used == {"picture": 0, "mask": 0, "reference": 1}


@pytest.mark.parametrize(
    ("choices", "values"),
    [
        (CharacterEditInputRenderingSpeed, {"TURBO", "BALANCED", "QUALITY"}),
        (CharacterEditInputStyle, {"AUTO", "REALISTIC", "FICTION"}),
        (CharacterEditInputNumImages, {"1", "2", "3", "4"}),
    ],
)
def test_these_can_be_chosen_and_nothing_else(choices: type[Enum], values: set[str]) -> None:
    assert {choice.value for choice in choices} == values


@pytest.mark.parametrize(
    ("operation", "gap"),
    [("createTask", (10 + 0.5) / 20), ("getTask", (1 + 0.05) / 10), ("getCredits", None)],
)
def test_calls_keep_the_documented_distance_and_a_margin(
    client: Client, operation: str, gap: float | None
) -> None:
    gaps = list(client.kie._session.rate_limiter.min_intervals(operation).values())
    assert gaps == ([] if gap is None else [pytest.approx(gap)])


def test_a_refusal_may_say_message_for_msg(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json={"code": 402, "message": "Broke.", "data": None})
    with pytest.raises(InsufficientCreditsError, match=r"Broke\."):
        client.do(client.kie.tasks.get(TASK_ID))
