"""Draws the contact sheet of a command that asked for one, at once or after an interruption."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.model import Model
from ..contract.pointer import get_pointer

if TYPE_CHECKING:
    from ..media.validate import ImageReport
    from ..tasks.plan import SheetInputs


def draw_sheet(
    model: Model,
    request: dict[str, Any],
    inputs: "SheetInputs",
    pictures: "tuple[ImageReport, ...]",
    paths: Sequence[Path],
    *,
    overwrite: bool,
) -> Path:
    """Draw the sheet next to the saved results, and return its path. Raises `DownloadError`."""
    from ..media.contact_sheet import contact_sheet

    prompts = [get_pointer(request, one.path) for one in model.arguments if one.name == "prompt"]
    return contact_sheet(
        paths[0].with_name(f"{paths[0].name.rpartition('-')[0]}-sheet.png"),
        model.images,
        inputs.files,
        pictures,
        paths,
        inputs.repaint,
        prompt="".join(prompt for prompt in prompts if isinstance(prompt, str)),
        overwrite=overwrite,
    )
