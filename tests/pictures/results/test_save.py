"""Results on their way to disk: side by side, whole, once renewed, and with a record of what made them."""

import hashlib
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from errno import ENOSPC, EPERM
from math import inf
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import Kie, Result, Task
from kie_ideogram._runtime.core import atomic_write as disk
from kie_ideogram._runtime.testing.fake_service.files import StoredFile
from kie_ideogram.errors import DownloadError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.pictures.support import Files, noise, picture, quick

DAY = 86_400


def settled(kie: Kie, files: Files, **options: Any) -> Task:
    result: Result[Task] = kie.character_edit.run(**files.given(**options))
    return result.task


def served(sandbox: Sandbox, task: Task, content: Callable[[], bytes]) -> None:
    """Have the sandbox serve something else as the task's results."""
    store = sandbox._service.store._files
    for path in [path for path in store if path.startswith(f"results/{task.id}")]:
        store[path] = store[path]._replace(read=content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("awaited", [False, True])
def test_all_pictures_of_a_task_are_fetched_side_by_side(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path, awaited: bool
) -> None:
    import asyncio

    task = settled(kie, files, num_images="4")
    together = threading.Barrier(4, timeout=30)  # passes only when all four are asked for at once

    def content() -> bytes:
        together.wait()
        return picture()

    served(sandbox, task, content)

    async def save() -> list[Path]:
        async with sandbox.async_client(_environment=quick()) as kie:
            return await (await kie.tasks.get(task.id)).save(tmp_path / "out")

    paths = asyncio.run(save()) if awaited else task.save(tmp_path / "out")
    assert [path.read_bytes() for path in paths] == [picture()] * 4


def test_a_record_beside_the_pictures_says_what_made_them(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    back = "http://127.0.0.1:9/back?secret=1"
    options = {"num_images": "2", "call_back_url": back, "repaint": "white", "save_to": tmp_path / "out"}
    result = kie.character_edit.run(**files.given(**options))
    text = (tmp_path / "out" / f"{result.task.id}.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["task"]["id"] == result.task.id
    assert record["task"]["state"] == "success"
    assert record["task"]["credits"] == 36
    for name in ("created_at", "completed_at", "expires_at"):
        time = getattr(result.task, name)
        assert record["task"][name] == time.isoformat(timespec="milliseconds")
    assert record["request"]["input"] == result.request["input"]
    assert "secret" not in text
    assert [entry["path"] for entry in record["pictures"]] == [path.name for path in result.paths]
    for entry, path in zip(record["pictures"], result.paths, strict=True):
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (entry["bytes"], entry["size"]) == (path.stat().st_size, [60, 40])
        assert entry["url"] in result.task.urls
    hashes = {entry["argument"]: entry["sha256"] for entry in record["inputs"]}
    sent = httpx.get(result.request["input"]["mask_url"]).content
    assert hashes["mask"] == hashlib.sha256(sent).hexdigest()
    assert hashes["image"] == hashlib.sha256(files.image.read_bytes()).hexdigest()
    assert sandbox.keys[0] not in text


def test_a_task_read_by_id_has_the_services_request_recorded(kie: Kie, files: Files, tmp_path: Path) -> None:
    task = settled(kie, files, seed=7)
    kie.tasks.get(task.id).save(tmp_path / "out")
    record = json.loads((tmp_path / "out" / f"{task.id}.json").read_text(encoding="utf-8"))
    assert record["request"]["input"]["seed"] == 7
    assert record["inputs"] is None


def test_an_existing_file_is_replaced_only_if_allowed(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    task = settled(kie, files)
    out = tmp_path / "out"
    (path,) = task.save(out)
    record = (out / f"{task.id}.json").read_bytes()
    assert task.save(out) == [path]  # the same content is accepted
    served(sandbox, task, lambda: picture("red"))
    mine = path.read_bytes()
    with pytest.raises(DownloadError, match=r"exists already.*overwrite=True"):
        task.save(out)
    assert path.read_bytes() == mine
    assert (out / f"{task.id}.json").read_bytes() == record
    task.save(out, overwrite=True)
    assert path.read_bytes() == picture("red")
    assert (out / f"{task.id}.json").read_bytes() != record
    assert names(out) == [path.name, f"{task.id}.json"]


@pytest.mark.parametrize(
    ("content", "says", "extension"),
    [
        (b"<!doctype html><title>gone</title>", "expected image/png, .* got text/html", ".html"),
        (b'{"code": 404}', "got application/json", ".json"),
        (b"no picture", "got text/plain", ".txt"),
        (noise((60, 40))[:-2000], "truncated: it ends before its IEND chunk", ".png"),
        (noise((60, 40), "JPEG")[:-1500], "truncated: it ends before its end marker", ".jpg"),
        (noise((60, 40), "WEBP")[:-500], "truncated: it has", ".webp"),
        (picture()[:5], "ends after 5 bytes", ""),
        (b"", "the response is empty", None),
    ],
    ids=["html", "json", "text", "png", "jpeg", "webp", "start", "empty"],
)
def test_an_incomplete_result_is_stored_as_partial(
    sandbox: Sandbox,
    kie: Kie,
    files: Files,
    tmp_path: Path,
    content: bytes,
    says: str,
    extension: str | None,
) -> None:
    task = settled(kie, files)
    served(sandbox, task, lambda: content)
    with pytest.raises(DownloadError, match=f"gave up after 5 attempts: .*{says}") as caught:
        task.save(tmp_path / "out")
    assert caught.value.task_id == task.id
    assert caught.value.paths == []
    if extension is None:
        assert names(tmp_path / "out") == [f"{task.id}.json"]
        return
    partial = tmp_path / "out" / f"{task.id}-1{extension}.partial"
    assert str(partial) in str(caught.value)
    assert partial.read_bytes() == content
    record = json.loads((tmp_path / "out" / f"{task.id}.json").read_text(encoding="utf-8"))
    (missing,) = record["missing"]
    assert (missing["number"], missing["partial"]) == (1, partial.name)
    assert record["pictures"] == []


def test_a_picture_is_named_by_its_content(sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path) -> None:
    task = settled(kie, files)
    served(sandbox, task, lambda: picture(kind="JPEG"))
    (path,) = task.save(tmp_path / "out")
    assert path.suffix == ".jpg"


def test_no_task_id_leads_out_of_the_folder(sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path) -> None:
    task = settled(kie, files)
    task.id = "../../escaped"
    task.save(tmp_path / "out")
    assert names(tmp_path) == ["in", "out"]
    assert names(tmp_path / "out") == ["______escaped-ea03bc47-1.png", "______escaped-ea03bc47.json"]


def test_a_result_that_fails_leaves_the_others_saved(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    task = settled(kie, files, num_images="3")
    store = sandbox._service.store._files
    path = f"results/{task.id}-2.png"
    store[path] = store[path]._replace(read=lambda: b"no picture")
    with pytest.raises(DownloadError, match=r"result 2 of 3: .* got text/plain") as caught:
        task.save(tmp_path / "out")
    saved = [f"{task.id}-1.png", f"{task.id}-3.png"]
    assert [path.name for path in caught.value.paths] == saved
    assert names(tmp_path / "out") == [saved[0], f"{task.id}-2.txt.partial", saved[1], f"{task.id}.json"]


@pytest.mark.parametrize("step", ["os.fsync", "kie_ideogram._runtime.tasks.results.fetch._Sink.write"])
def test_a_full_disk_leaves_no_part_of_a_file_and_names_the_task(
    sandbox: Sandbox,
    kie: Kie,
    files: Files,
    tmp_path: Path,
    break_call: Callable[..., None],
    step: str,
) -> None:
    break_call(ENOSPC, step)
    with pytest.raises(DownloadError, match="No space left on device") as caught:
        kie.character_edit.run(**files.given(save_to=tmp_path / "out", progress=lambda _: None))
    task_id = sandbox.charges[-1].task_id
    assert caught.value.task_id == task_id
    # A record is small, so there may be space for it.
    assert names(tmp_path / "out") == ([f"{task_id}.json"] if step != "os.fsync" else [])


def finished(folder: Path, number: int) -> Path:
    """A file that only wants its name."""
    path = folder / f".finished-{number}"
    path.write_bytes(b"%d" % number)
    return path


def test_of_two_that_name_a_file_at_the_same_moment_one_does(tmp_path: Path) -> None:
    together = threading.Barrier(2)

    def name(temporary: Path, target: Path) -> bool:
        together.wait(10)
        try:
            disk.rename(temporary, target, overwrite=False)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for number in range(0, 100, 2):
            target = tmp_path / f"{number}.png"
            temporaries = [finished(tmp_path, number + more) for more in (0, 1)]
            named = list(pool.map(name, temporaries, [target] * 2))
            assert sorted(named) == [False, True]
            assert target.read_bytes() == b"%d" % (number + named.index(True))


class TestAFileSystemWithoutLinks:
    @pytest.fixture(autouse=True)
    def no_links(self, break_call: Callable[..., None]) -> None:
        break_call(EPERM, "os.link")

    def test_keeps_what_is_there_too(self, tmp_path: Path) -> None:
        target = tmp_path / "1.png"
        disk.rename(finished(tmp_path, 1), target, overwrite=False)
        with pytest.raises(FileExistsError):
            disk.rename(finished(tmp_path, 2), target, overwrite=False)
        assert target.read_bytes() == b"1"

    def test_has_no_empty_file_left_when_the_name_cannot_be_given(
        self, tmp_path: Path, break_call: Callable[..., None]
    ) -> None:
        temporary = finished(tmp_path, 1)
        break_call(ENOSPC, "os.replace", "pathlib.Path.replace")
        with pytest.raises(OSError, match="No space left"):
            disk.rename(temporary, tmp_path / "1.png", overwrite=False)
        assert names(tmp_path) == [temporary.name]


class Dying(socketserver.StreamRequestHandler):
    """Promises a picture, sends the half of it, and hangs up."""

    def handle(self) -> None:
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        self.rfile.read(length)
        content = noise((60, 40))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
        self.wfile.write(content[: len(content) // 2])
        self.then()

    def then(self) -> None:
        """Nothing more."""


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def served_by(sandbox: Sandbox, task: Task, host: str) -> None:
    """Have the results of a task served by a host."""

    class Elsewhere(StoredFile):
        def url(self, base: str) -> str:
            return f"{host}/x"

    made = sandbox._service.tasks.get(task.id, inf)
    assert made
    made.results = [Elsewhere(*file) for file in made.results]


def test_a_lost_connection_leaves_a_partial_file(
    sandbox: Sandbox, kie: Kie, files: Files, tmp_path: Path
) -> None:
    task = settled(kie, files)
    with serving(Dying) as url:
        served_by(sandbox, task, url)
        with pytest.raises(DownloadError, match="gave up after 5 attempts") as caught:
            kie.tasks.get(task.id).save(tmp_path / "out")
    assert caught.value.task_id == task.id
    assert names(tmp_path / "out") == [f"{task.id}-1.png.partial", f"{task.id}.json"]
    content = noise((60, 40))
    assert (tmp_path / "out" / f"{task.id}-1.png.partial").read_bytes() == content[: len(content) // 2]


def test_an_expired_link_is_renewed_once_while_possible(files: Files, tmp_path: Path) -> None:
    clock = VirtualClock()
    with Sandbox(clock=clock, scale=0) as sandbox, sandbox.client(_environment=quick()) as kie:
        task = settled(kie, files, num_images="2")
        assert task.completed_at
        assert task.expires_at == task.completed_at + timedelta(days=1)

        def renewals() -> int:
            return [call.operation for call in sandbox.calls].count("getDownloadUrl")

        clock.advance(DAY - 1)
        first = task.save(tmp_path / "in time")
        assert renewals() == 0
        clock.advance(1)
        late = task.save(tmp_path / "late")
        assert renewals() == 2
        assert [path.read_bytes() for path in first] == [path.read_bytes() for path in late]
        clock.advance(13 * DAY)
        with pytest.raises(
            DownloadError, match=r"HTTP 404; the link has expired and could not be renewed.*url is wrong"
        ):
            task.save(tmp_path / "too late")
        assert renewals() == 4


def test_an_unsettled_task_expires_never(files: Files) -> None:
    clock = VirtualClock()
    with Sandbox(clock=clock) as sandbox, sandbox.client(_environment=quick()) as kie:
        image, mask = (kie.files.upload(path).download_url for path in (files.image, files.mask))
        task = kie.character_edit.create(
            prompt="x", image_url=image, mask_url=mask, reference_image_urls=[image]
        )
        assert (task.refresh().expires_at, task.urls) == (None, [])
