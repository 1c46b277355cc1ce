"""A run that another process continues: `save` without a folder does what the run was asked to do."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram.testing import Sandbox
from tests.money.support import KEY
from tests.pictures.support import Files, quick


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def client(sandbox: Sandbox, journal: Path | None) -> Kie:
    return Kie(KEY, base_url=sandbox.url, upload_base_url=sandbox.url, journal=journal, _environment=quick())


@pytest.fixture
def kie(sandbox: Sandbox, journal: Path) -> Iterator[Kie]:
    with client(sandbox, journal) as kie:
        yield kie


def interrupt(sandbox: Sandbox, kie: Kie, files: Files, save_to: Path | None, **options: Any) -> str:
    """Create a task whose run fails after it is paid for, and return its id."""
    sandbox.play([{"call": "getTask", "code": 401}])
    with pytest.raises(errors.ApiError) as caught:
        kie.character_edit.run(**files.given(), save_to=save_to, idempotency_key="one", **options)
    assert caught.value.task_id
    return caught.value.task_id


def test_resumed_task_is_saved_where_its_run_would_have(
    sandbox: Sandbox, kie: Kie, files: Files, journal: Path, tmp_path: Path
) -> None:
    task_id = interrupt(sandbox, kie, files, tmp_path / "out")
    with client(sandbox, journal) as other:
        paths = [path for task in other.tasks.settled(other.resume()) for path in task.save()]
    assert paths == [tmp_path / "out" / f"{task_id}-1.png"]
    record = json.loads((tmp_path / "out" / f"{task_id}.json").read_text())
    assert [one["name"] for one in record["inputs"]] == ["image.png", "mask.png", "reference.png"]


def test_asyncio_client_saves_there_too(
    sandbox: Sandbox, kie: Kie, files: Files, journal: Path, tmp_path: Path
) -> None:
    interrupt(sandbox, kie, files, tmp_path / "out")
    url = sandbox.url

    async def resume() -> list[Path]:
        async with AsyncKie(
            KEY, base_url=url, upload_base_url=url, journal=journal, _environment=quick()
        ) as other:
            (task,) = await other.resume()
            return await (await task.wait()).save()

    assert [path.parent for path in asyncio.run(resume())] == [tmp_path / "out"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_files_are_replaced_as_the_run_was_asked(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path, overwrite: bool
) -> None:
    task_id = interrupt(sandbox, kie, files, tmp_path, overwrite=overwrite)
    (taken := tmp_path / f"{task_id}-1.png").write_bytes(b"mine")
    (task,) = kie.resume()
    task = task.wait()
    if overwrite:
        assert task.save() == [taken]
    else:
        with pytest.raises(errors.DownloadError, match="exists already"):
            task.save()


def test_submission_without_a_folder_leaves_the_folder_of_the_run(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    interrupt(sandbox, kie, files, tmp_path / "out")
    task = kie.character_edit.submit(**files.given(), idempotency_key="one")
    assert [path.parent for path in task.wait().save()] == [tmp_path / "out"]


@pytest.mark.parametrize("with_journal", [True, False])
def test_save_without_any_folder_is_an_input_error(
    sandbox: Sandbox, kie: Kie, files: Files, with_journal: bool
) -> None:
    task_id = interrupt(sandbox, kie, files, None)
    with client(sandbox, None) as other:
        task = (kie if with_journal else other).tasks.wait(task_id)
        with pytest.raises(errors.InvalidInputError, match="directory: must be given") as caught:
            task.save()
    assert caught.value.task_id == task_id


def test_new_request_of_a_refused_key_forgets_the_run(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    sandbox.play([{"call": "createTask", "code": 402}])
    with pytest.raises(errors.ApiError):
        kie.character_edit.run(**files.given(), save_to=tmp_path / "out", idempotency_key="one")
    url = kie.files.upload(files.image).download_url
    task = kie.character_edit.create(
        prompt="p", image_url=url, mask_url=url, reference_image_urls=[url], idempotency_key="one"
    )
    with pytest.raises(errors.InvalidInputError, match="directory"):
        task.wait().save()


def test_unreadable_plan_costs_no_result(
    sandbox: Sandbox, kie: Kie, files: Files, journal: Path, tmp_path: Path
) -> None:
    interrupt(sandbox, kie, files, tmp_path / "out")
    with kie._journal.database.transaction() as db:
        db.execute('UPDATE run_plans SET plan = \'{"of": "another version"}\'')
    (task,) = kie.resume()
    assert len(task.wait().save(tmp_path / "other")) == 1


def test_timeout_0_saves_a_task_that_has_ended(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    kie.character_edit.submit(**files.given(), idempotency_key="one").wait()
    before = len(sandbox.calls)
    result = kie.character_edit.run(
        **files.given(), idempotency_key="one", save_to=tmp_path / "out", timeout=0
    )
    assert [path.parent for path in result.paths] == [tmp_path / "out"]
    assert {call.operation for call in sandbox.calls[before:]} == {"getTask"}
