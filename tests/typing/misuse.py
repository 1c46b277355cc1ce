"""Wrong uses of the package, each on a line that ends in `# wrong`; the other lines are right."""

from collections.abc import Iterator

import kie_ideogram
from kie_ideogram import AsyncKie, Kie, Result, Task, errors, types
from kie_ideogram import Kei  # wrong
from kie_ideogram.types import DryRun, SettledSubmission, UnknownSubmission
from kie_ideogram.types import RawRespons  # wrong
from kie_ideogram.types import SharedRateLimiter as SharedRateLimiter

kie = Kie()
async_kie = AsyncKie()

kie_ideogram.Kei  # wrong
errors.KieEror  # wrong
kie.character_edt  # wrong
kie.alarms()  # wrong
types.Picture

URLS = ["https://example.com/reference.png"]


def create() -> Task:
    """Create a task: one right call, and wrong ones."""
    image = mask = "https://example.com/a.png"
    kie.character_edit.create(prompt="x", image_url=image, mask_url=mask, reference_image_urls="a")  # wrong
    kie.character_edit.create(prompt=1, image_url=image, mask_url=mask, reference_image_urls=URLS)  # wrong
    kie.character_edit.create(prompt="x", image_url=image, mask_url=mask, reference_image_urls=URLS, key="k")  # wrong
    kie.character_edit.create(promt="x", image_url=image, mask_url=mask, reference_image_urls=URLS)  # wrong
    return kie.character_edit.create(
        prompt="x", image_url=image, mask_url=mask, reference_image_urls=URLS, idempotency_key="k", timeout=3
    )


def run(dry_run: bool) -> Result[Task] | DryRun:
    """Run with a plain `bool`."""
    result: Result[Task] = kie.character_edit.run(prompt="x", image="a", mask="b", reference=["c"])
    rehearsed: DryRun = kie.character_edit.run(prompt="x", image="a", mask="b", reference="c", dry_run=True)
    print(result.paths, rehearsed.credits, rehearsed.paths)  # wrong
    return kie.character_edit.run(prompt="x", image="a", mask="b", reference="c", dry_run=dry_run)


def wait(tasks: list[Task], ids: Iterator[str]) -> None:
    """Wait for tasks, for ids, and wrongly for one id."""
    for task in kie.tasks.settled(tasks):
        print(task.idempotency_key)
    kie.tasks.settled(["a", "b"], timeout=9)
    kie.tasks.settled(ids)
    kie.tasks.settled("a")  # wrong
    settled: SettledSubmission | None = kie.notify("a", "https://example.com")
    unknown: list[UnknownSubmission] = kie.unknown()
    print(settled, unknown[0].key)  # wrong


async def awaited() -> None:
    """Use the asyncio client as if it blocked."""
    async_kie.tasks.get("a").state  # wrong
    (await async_kie.tasks.get("a", timeout=3)).state
