"""Rows at the end of a terminal that are drawn again and again."""

from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live


def live(console: Console, render: Callable[[], RenderableType], *, refresh_per_second: float) -> Live:
    """Return rows that vanish when they are stopped. Other output is neither captured nor moved."""
    return Live(
        get_renderable=render,
        console=console,
        transient=True,
        refresh_per_second=refresh_per_second,
        redirect_stdout=False,
        redirect_stderr=False,
    )
