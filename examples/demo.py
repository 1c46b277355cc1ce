"""Edits a picture from start to finish against the local sandbox: `make demo`.

It sends the example of the service's documentation page, with pictures of its own. Against the real
service the calls are the same: make `Kie()` without base URLs, and set KIE_API_KEY.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, NamedTuple

import typer
import yaml
from rich.console import Console
from rich.table import Table

from examples import portrait
from kie_ideogram import Kie, KieError, Task
from kie_ideogram.testing import Sandbox

SPEC = Path(__file__).resolve().parent.parent / "spec" / "openapi.yaml"
OUT = Path("out")

# The page's speed takes 18 seconds at the sandbox; the demo shows each state in a third of that.
SCALE = 0.31


class Run(NamedTuple):
    """What the demo has to show for itself."""

    task: Task
    changes: list[tuple[str, float]]
    pictures: list[Path]
    cost: float


def edit(kie: Kie, options: dict[str, Any], out: Path, say: Callable[[str], None]) -> Run:
    """Upload three pictures, edit one, store all of them."""
    drawn = {"portrait": portrait.portrait(), "mask": portrait.mask(), "reference": portrait.reference()}
    stored = [store(out / f"{name}.png", content) for name, content in drawn.items()]
    urls = []
    for path in stored:
        say(f"uploading {path.name}")
        urls.append(kie.files.upload(path).download_url)
    before = kie.credits.get()
    task = kie.character_edit.create(
        **{**options, "image_url": urls[0], "mask_url": urls[1], "reference_image_urls": urls[2:]}
    )
    begun = time.monotonic()
    changes = [(str(task.state), 0.0)]
    say(f"task {task.id}: {task.state}")
    for update in task.updates():
        changes.append((str(update.state), time.monotonic() - begun))
        say(f"task {task.id}: {update.state} after {changes[-1][1]:.1f} s")
    result = kie.tasks.wait(task.id)
    return Run(result, changes, [*stored, *result.save(out, overwrite=True)], before - kie.credits.get())


def store(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError as error:
            with suppress(OSError):
                Path(file.name).unlink()
            raise OSError(error.errno, error.strerror, str(path)) from None
    path.chmod(0o644)
    return path


def show(run: Run, credit_price: float, currency: str, console: Console) -> None:
    """Print a table of the run, then where its pictures are, one path a line."""
    table = Table(show_header=False)
    table.add_row("task", run.task.id)
    table.add_row("states", "\n".join(f"{state:<12}{after:6.1f} s" for state, after in run.changes))
    table.add_row("time", f"{run.changes[-1][1]:.1f} s")
    table.add_row("cost", f"{run.cost:g} credits, about {currency} {run.cost * credit_price:.2f}")
    console.print(table)
    for path in run.pictures:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)


def main(
    out: Annotated[Path, typer.Option(help="The folder for the pictures.")] = OUT,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The sandbox's port; 0 takes a free one.")] = 0,
) -> None:
    """Edit a picture against the local sandbox."""
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    create = spec["paths"]["/api/v1/jobs/createTask"]["post"]
    example = create["requestBody"]["content"]["application/json"]["examples"]["page"]["value"]
    progress = Console(stderr=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with Sandbox(scale=SCALE, port=port) as sandbox, sandbox.client() as kie:
            if progress.is_terminal:
                with progress.status("starting") as status:
                    run = edit(kie, example["input"], out, status.update)
            else:
                run = edit(kie, example["input"], out, lambda text: progress.print(text, soft_wrap=True))
        show(run, spec["x-credit"]["price"], spec["x-credit"]["currency"], Console())
    except KieError as error:
        raise SystemExit(f"error: {error}") from None
    except OSError as error:
        raise SystemExit(f"error: {error.filename or 'the output'}: {error.strerror}") from None


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(main)
    app()
