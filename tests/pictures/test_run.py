"""One call from pictures to pictures, blocking and awaiting, over HTTP."""

import asyncio
import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from kie_ideogram import DryRun, Kie, Progress, Result, errors
from kie_ideogram.testing import Sandbox
from tests.pictures.support import Files, image_of, picture, quick, uploads


def test_one_call_edits_a_picture_and_saves_it(kie: Kie, files: Files, tmp_path: Path) -> None:
    result = kie.character_edit.run(**files.given(), num_images="2", save_to=tmp_path / "out")
    assert result.task.state == "success"
    assert result.paths == [tmp_path / "out" / f"{result.task.id}-{number}.png" for number in (1, 2)]
    assert [image_of(path.read_bytes()).size for path in result.paths] == [(60, 40)] * 2


def test_the_same_call_awaited(sandbox: Sandbox, files: Files, tmp_path: Path) -> None:
    async def scenario() -> tuple[DryRun, Any]:
        async with sandbox.async_client(_environment=quick()) as kie:
            run = kie.character_edit.run
            return (
                await run(**files.given(), repaint="white", dry_run=True),
                await run(**files.given(), repaint="white", save_to=tmp_path, num_images="2"),
            )

    rehearsed, result = asyncio.run(scenario())
    assert [path.read_bytes()[:4] for path in result.paths] == [b"\x89PNG"] * 2
    assert rehearsed.pictures == result.pictures


def test_without_a_folder_nothing_is_saved(
    kie: Kie, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert kie.character_edit.run(**files.given()).paths == []
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


FORMS: dict[str, Callable[[Path, Kie], Any]] = {
    "path": lambda path, kie: path,
    "text": lambda path, kie: str(path),
    "bytes": lambda path, kie: path.read_bytes(),
    "file": lambda path, kie: BytesIO(path.read_bytes()),
    "pillow": lambda path, kie: Image.open(BytesIO(path.read_bytes())),
    "url": lambda path, kie: kie.files.upload(path).download_url,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_may_come_in_any_form(kie: Kie, files: Files, form: str) -> None:
    given = {name: FORMS[form](getattr(files, name), kie) for name in ("image", "mask", "reference")}
    result = kie.character_edit.run(prompt="a smile", **given)
    sent = result.request["input"]
    for name, url in (("image", sent["image_url"]), ("reference", sent["reference_image_urls"][0])):
        original = image_of(getattr(files, name).read_bytes())
        assert image_of(httpx.get(url).content).tobytes() == original.tobytes()
        assert form != "url" or url == given[name]


def test_a_callers_open_file_stays_open(kie: Kie, files: Files) -> None:
    with files.image.open("rb") as file:
        kie.character_edit.run(**files.given(image=file))
        assert not file.closed


def test_a_dry_run_returns_the_exact_request_and_sends_nothing(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    given = files.given(num_images="2", rendering_speed="TURBO", call_back_url="http://127.0.0.1:9/back")
    before = len(sandbox.calls)
    rehearsed = kie.character_edit.run(**given, dry_run=True, save_to=tmp_path / "out")
    assert len(sandbox.calls) == before
    assert not (tmp_path / "out").exists()
    assert rehearsed.credits == 24

    result = kie.character_edit.run(**given)
    received = kie.tasks.get(result.task.id).request
    text = json.dumps(received)
    for found in rehearsed.pictures:
        stored = {url for url in _urls(received) if _sha256(httpx.get(url).content) == found.sha256}
        assert stored
        for url in stored:
            text = text.replace(url, f"urn:sha256:{found.sha256}")
    assert json.loads(text) == rehearsed.request


def _urls(body: Any) -> list[str]:
    sent = body["input"]
    return [sent["image_url"], sent["mask_url"], *sent["reference_image_urls"]]


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def test_a_dry_run_reports_each_picture(kie: Kie, files: Files) -> None:
    found = {one.argument: one for one in kie.character_edit.run(**files.given(), dry_run=True).pictures}
    image = found["image"]
    assert (image.name, image.media_type, image.size) == ("image.png", "image/png", (60, 40))
    assert (image.bytes, image.sha256) == (len(picture()), _sha256(picture()))
    assert (image.repainted, image.notes) == (None, ())
    assert found["mask"].black == pytest.approx(30 * 25 / 2400)


def test_the_same_picture_is_uploaded_once(sandbox: Sandbox, kie: Kie, files: Files) -> None:
    before = len(uploads(sandbox))
    copy = files.add("copy.png", files.image.read_bytes())
    result = kie.character_edit.run(**files.given(reference=copy))
    assert len(uploads(sandbox)) - before == 2
    assert result.request["input"]["reference_image_urls"] == [result.request["input"]["image_url"]]


def test_progress_reports_each_step(kie: Kie, files: Files, tmp_path: Path) -> None:
    steps: list[Progress] = []
    result = kie.character_edit.run(**files.given(), save_to=tmp_path, progress=steps.append)
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["check", "upload", "create", "task", "download"]
    last = {step.name: step for step in steps if step.stage == "upload"}
    sizes = {name: getattr(files, name).stat().st_size for name in ("image", "mask", "reference")}
    assert {name: (step.done, step.total) for name, step in last.items()} == {
        name: (size, size) for name, size in sizes.items()
    }
    tasks = [step for step in steps if step.stage == "task"]
    assert {step.task_id for step in tasks} == {result.task.id}
    assert [step.state for step in tasks] == ["waiting", "success"]
    (downloaded,) = [step for step in steps if step.stage == "download"]
    assert downloaded.done == result.paths[0].stat().st_size
    (note,) = [step.note for step in steps if step.note]
    assert "repaint=" in note


def test_a_failed_task_is_raised_with_its_id(sandbox: Sandbox, kie: Kie, files: Files) -> None:
    sandbox.fail_next(msg="No face.")
    with pytest.raises(errors.TaskFailedError, match="No face") as caught:
        kie.character_edit.run(**files.given())
    assert caught.value.task_id == sandbox.charges[-1].task_id


def test_an_interruption_after_the_create_keeps_the_tasks_id(
    sandbox: Sandbox, kie: Kie, files: Files
) -> None:
    def interrupt(step: Progress) -> None:
        if step.stage == "task":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        kie.character_edit.run(**files.given(), progress=interrupt)
    assert sandbox.charges[-1].task_id in caught.value.__notes__[0]


def run(sandbox: Sandbox, awaited: bool, **given: Any) -> Any:
    """The same call, blocking or awaited."""

    async def scenario() -> Any:
        async with sandbox.async_client(_environment=quick()) as kie:
            return await kie.character_edit.run(**given)

    if awaited:
        return asyncio.run(scenario())
    with sandbox.client(_environment=quick()) as kie:
        return kie.character_edit.run(**given)


both = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])


@both
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("timeout", value) for value in ("60", float("nan"), float("-inf"), -1, True, 10**400)),
        *(("save_to", value) for value in ("a\0b", 7)),
    ],
)
def test_later_arguments_are_checked_before_anything_is_sent(
    sandbox: Sandbox, files: Files, awaited: bool, name: str, value: Any
) -> None:
    before = len(sandbox.calls)
    with pytest.raises(errors.InvalidInputError, match=f"^{name}: (expected|must be) "):
        run(sandbox, awaited, **files.given(), **{name: value})
    assert len(sandbox.calls) == before


@both
def test_an_unwritable_folder_is_named_before_anything_is_sent(
    sandbox: Sandbox, files: Files, awaited: bool
) -> None:
    before = len(sandbox.calls)
    long = files.folder / ("x" * 300)
    for folder in (files.image, "/proc/nope", "/proc", "/sys/nope/../nope", long, long / "below"):
        for dry_run in (False, True):
            with pytest.raises(errors.InvalidInputError, match=f"save_to: {re.escape(str(folder))}: "):
                run(sandbox, awaited, **files.given(), save_to=folder, dry_run=dry_run)
    assert len(sandbox.calls) == before
    assert {path.name for path in files.folder.iterdir()} == {"image.png", "mask.png", "reference.png"}


def test_a_dry_run_leaves_nothing_in_its_folder(
    kie: Kie, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path / "out", tmp_path / "new" / "below", "out/", ".", "new/below", "new/../other"):
        kie.character_edit.run(**files.given(), save_to=folder, dry_run=True)
    assert {path.name for path in tmp_path.rglob("*") if path.is_dir()} == {"in", "out"}
    assert list((tmp_path / "out").iterdir()) == []


@both
def test_an_error_after_the_submission_has_the_tasks_id(
    sandbox: Sandbox, files: Files, tmp_path: Path, awaited: bool
) -> None:
    folder = tmp_path / "out"

    def remove_folder(step: Progress) -> None:
        if step.stage == "task" and folder.is_dir():
            folder.rmdir()
            folder.write_text("a file in its place")

    with pytest.raises(errors.DownloadError) as caught:
        run(sandbox, awaited, **files.given(), save_to=folder, progress=remove_folder)
    assert caught.value.task_id == sandbox.charges[-1].task_id
    assert sandbox.charges[-1].task_id in caught.value.__notes__[0]


def test_a_wait_may_be_unlimited(kie: Kie, files: Files) -> None:
    assert kie.character_edit.run(**files.given(), timeout=float("inf")).task.succeeded


def test_all_faults_are_listed_by_the_callers_names(kie: Kie, files: Files) -> None:
    given: dict[str, Any] = {
        **files.given(image="nothing.png", prompt="x" * 5001, repaint="grey"),
        "styl": "AUTO",
        "seed": "one",
        "image_url": "https://example.com/a.png",
    }
    with pytest.raises(errors.InvalidInputError) as caught:
        kie.character_edit.run(**given)
    assert {(fault.path, fault.rule) for fault in caught.value.faults} == {
        ("image", "readable"),
        ("prompt", "maxLength"),
        ("repaint", "enum"),
        ("styl", "additionalProperties"),
        ("image_url", "additionalProperties"),
        ("seed", "type"),
    }
    assert "did you mean 'image'?" in str(caught.value)


@pytest.mark.parametrize("name", ["prompt", "image", "mask", "reference"])
def test_what_must_be_given_is_named(kie: Kie, files: Files, name: str) -> None:
    given = {key: value for key, value in files.given().items() if key != name}
    with pytest.raises(errors.InvalidInputError, match="is missing") as caught:
        kie.character_edit.run(**given)
    (fault,) = caught.value.faults
    assert fault.path.endswith(name)


def test_the_docstring_cites_the_mask_convention() -> None:
    from kie_ideogram.resources.character_edit import AsyncCharacterEdit, CharacterEdit

    for kind in (CharacterEdit, AsyncCharacterEdit):
        text = " ".join((kind.run.__doc__ or "").split())
        assert (
            "kie.ai does not document this. Ideogram's own guide for its masked edit says that black" in text
        )
        assert "The mask is sent with that region black" in text


def test_a_result_is_typed(kie: Kie, files: Files) -> None:
    result: Result[Any] = kie.character_edit.run(**files.given())
    assert type(result.task).__module__ == "kie_ideogram.task"
