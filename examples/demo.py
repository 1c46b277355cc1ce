"""Edit an image from start to finish against the local sandbox: `make demo`.

The demo sends the options of the example on the service's documentation page, with images that it draws.
The calls for the real service are the same: set KIE_API_KEY and create `Kie()` without base URLs.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
import yaml
from rich.console import Console
from rich.table import Table

from examples import portrait
from kie_ideogram import Kie, KieError, Progress, Task
from kie_ideogram.testing import Sandbox

SPEC = Path(__file__).resolve().parent.parent / "spec" / "openapi.yaml"
OUT = Path("out")
NAMES = {"image": "portrait.png", "mask": "mask.png", "reference": "reference.png"}

# Minimum width of the table. In a narrower terminal its lines wrap, so that the task id is never cut off.
WIDTH = 80

# With the rendering speed of the page, the sandbox takes 18 seconds. The demo needs a third of that.
SCALE = 0.31


class Run(NamedTuple):
    """The task, its state changes, the paths of all images and the cost in credits."""

    task: Task
    changes: list[tuple[str, float]]
    images: list[Path]
    cost: float


def edit(kie: Kie, options: dict[str, Any], out: Path, report: Callable[[str], None]) -> Run:
    """Draw three images, edit one and save all of them."""
    drawn = {"image": portrait.portrait(), "mask": portrait.mask(), "reference": portrait.reference()}
    inputs: dict[str, Any] = {name: save(out / NAMES[name], content) for name, content in drawn.items()}
    start = time.monotonic()
    changes: list[tuple[str, float]] = []

    def on_progress(step: Progress) -> None:
        if step.stage == "upload":
            report(f"uploading {NAMES[step.name]}, {step.done} of {step.total} bytes")
        elif step.stage == "task":
            nonlocal start
            start = start if changes else time.monotonic()
            changes.append((step.state, time.monotonic() - start))
            report(f"task {step.task_id}: {step.state} after {changes[-1][1]:.1f} s")

    before = kie.credits.get()
    result = kie.character_edit.run(
        **options, **inputs, repaint="black", save_to=out, overwrite=True, progress=on_progress
    )
    return Run(result.task, changes, [*inputs.values(), *result.paths], before - kie.credits.get())


def save(path: Path, content: bytes) -> Path:
    """Write a file atomically: after an error, the old file or no file is there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None
    return path


def show(run: Run, credit_price: float, currency: str, console: Console) -> None:
    """Print a table of the run, then the path of each image on a line."""
    table = Table(show_header=False)
    table.add_row("task", run.task.id)
    table.add_row("states", "\n".join(f"{state:<12}{after:6.1f} s" for state, after in run.changes))
    table.add_row("time", f"{run.changes[-1][1]:.1f} s")
    table.add_row("cost", f"{run.cost:g} credits, about {currency} {run.cost * credit_price:.2f}")
    console.print(table)
    for path in run.images:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)


def main(
    out: Annotated[Path, typer.Option(help="Folder for the images.")] = OUT,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the sandbox; 0 selects a free port.")
    ] = 0,
) -> None:
    """Edit an image against the local sandbox."""
    spec = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    create = spec["paths"]["/api/v1/jobs/createTask"]["post"]
    example = create["requestBody"]["content"]["application/json"]["examples"]["page"]["value"]["input"]
    options = {name: value for name, value in example.items() if not name.endswith(("_url", "_urls"))}
    progress = Console(stderr=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with Sandbox(scale=SCALE, port=port) as sandbox, sandbox.client() as kie:
            if progress.is_terminal:
                with progress.status("starting") as status:
                    run = edit(kie, options, out, status.update)
            else:
                run = edit(kie, options, out, lambda text: progress.print(text, soft_wrap=True))
        console = Console()
        console.width = max(console.width, WIDTH)
        show(run, spec["x-credit"]["price"], spec["x-credit"]["currency"], console)
    except KieError as error:
        raise SystemExit(f"error: {error}") from None
    except OSError as error:
        raise SystemExit(f"error: {error.filename or 'the output'}: {error.strerror}") from None


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(main)
    app()
