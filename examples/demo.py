"""Edits a picture from start to finish against the local sandbox: `make demo`.

It sends the example of the service's documentation page, with pictures of its own. Against the real
service the calls are the same: make `Kie()` without base URLs, and set KIE_API_KEY.
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

# A narrower terminal may wrap the table, but the table is not to cut the task's id.
WIDTH = 80

# The page's speed takes 18 seconds at the sandbox; the demo shows each state in a third of that.
SCALE = 0.31


class Run(NamedTuple):
    """What the demo has to show for itself."""

    task: Task
    changes: list[tuple[str, float]]
    pictures: list[Path]
    cost: float


def edit(kie: Kie, options: dict[str, Any], out: Path, say: Callable[[str], None]) -> Run:
    """Draw three pictures, edit one, store all of them."""
    drawn = {"image": portrait.portrait(), "mask": portrait.mask(), "reference": portrait.reference()}
    given: dict[str, Any] = {name: store(out / NAMES[name], content) for name, content in drawn.items()}
    begun = time.monotonic()
    changes: list[tuple[str, float]] = []

    def told(step: Progress) -> None:
        if step.stage == "upload":
            say(f"uploading {NAMES[step.name]}, {step.done} of {step.total} bytes")
        elif step.stage == "task":
            nonlocal begun
            begun = begun if changes else time.monotonic()
            changes.append((step.state, time.monotonic() - begun))
            say(f"task {step.task_id}: {step.state} after {changes[-1][1]:.1f} s")

    before = kie.credits.get()
    result = kie.character_edit.run(
        **options, **given, repaint="black", save_to=out, overwrite=True, progress=told
    )
    return Run(result.task, changes, [*given.values(), *result.paths], before - kie.credits.get())


def store(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all."""
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
