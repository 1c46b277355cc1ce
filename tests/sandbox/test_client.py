"""The client against the sandbox: over HTTP on this machine, and without a port."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import AsyncKie, Kie
from kie_ideogram.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    RateLimitError,
    TaskFailedError,
    UnprocessableRequestError,
)
from kie_ideogram.testing import Sandbox
from tests.clock import FakeClock
from tests.sandbox.support import mask, picture


def options(kie: Kie, **changes: Any) -> dict[str, Any]:
    """The arguments of a submission whose pictures are uploaded."""
    return {
        "prompt": "a smile",
        "image_url": kie.files.upload(picture()).download_url,
        "mask_url": kie.files.upload(mask()).download_url,
        "reference_image_urls": [kie.files.upload(picture("navy")).download_url],
        **changes,
    }


def test_a_picture_is_edited_from_upload_to_file(tmp_path: Path) -> None:
    with Sandbox(scale=0) as sandbox, sandbox.client() as kie:
        created = kie.character_edit.create(**options(kie, num_images="2"))
        task = kie.tasks.wait(created.id)
        paths = task.save(tmp_path)
        links = [kie.files.download_url(url) for url in task.urls]
        assert [path.name for path in paths] == [f"{created.id}-1.png", f"{created.id}-2.png"]
        assert [httpx.get(link).content for link in links] == [path.read_bytes() for path in paths]
        assert task.credits == 36
        assert kie.credits.get() == 1000 - 36


def test_a_picture_is_edited_from_upload_to_file_with_asyncio(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> list[Path]:
        async with sandbox.async_client() as kie:
            files = [await kie.files.upload(content) for content in (picture(), mask(), picture("navy"))]
            created = await kie.character_edit.create(
                prompt="a smile",
                image_url=files[0].download_url,
                mask_url=files[1].download_url,
                reference_image_urls=[files[2].download_url],
            )
            task = await kie.tasks.wait(created.id)
            return await task.save(tmp_path)

    with Sandbox(scale=0) as sandbox:
        (path,) = asyncio.run(scenario(sandbox))
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_app_serves_the_async_client_without_a_port() -> None:
    async def scenario() -> float:
        transport = httpx.ASGITransport(Sandbox(balance=7).app)
        async with httpx.AsyncClient(transport=transport) as http:
            return await AsyncKie(
                "sandbox", base_url="http://127.0.0.1", upload_base_url="http://127.0.0.1", http_client=http
            ).credits.get()

    assert asyncio.run(scenario()) == 7


@pytest.mark.parametrize("query_code", [None, 408, 501])
def test_both_ways_a_task_fails_are_one_to_the_client(query_code: int | None) -> None:
    with Sandbox(scale=0) as sandbox, sandbox.client() as kie:
        sandbox.fail_next(msg="No face.", query_code=query_code)
        created = kie.character_edit.create(**options(kie))
        with pytest.raises(TaskFailedError, match=r"No face\.") as caught:
            kie.tasks.wait(created.id)
    assert caught.value.task_id == created.id
    assert caught.value.fail_code == str(query_code or "GENERATION_FAILED")


def test_the_declared_refusals_are_raised_as_their_own_errors() -> None:
    with Sandbox(scale=0, balance=17) as sandbox, sandbox.client() as kie:
        with pytest.raises(InsufficientCreditsError):
            kie.character_edit.create(**options(kie))
        with pytest.raises(UnprocessableRequestError, match="not the URL of an uploaded file"):
            kie.character_edit.create(**options(kie, mask_url="https://example.com/mask.png"))
        with (
            Kie("wrong", base_url=sandbox.url, upload_base_url=sandbox.url) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.credits.get()
        assert sandbox.charges == []


def test_a_burst_beyond_the_limit_makes_no_task_too_many() -> None:
    environment = FakeClock().environment
    with Sandbox(scale=0) as sandbox, sandbox.client(_environment=environment) as kie:
        given = options(kie)
        created = [kie.character_edit.create(**given).id for _ in range(20)]
        with pytest.raises(RateLimitError):
            kie.character_edit.create(**given)
    assert [charge.task_id for charge in sandbox.charges] == created
