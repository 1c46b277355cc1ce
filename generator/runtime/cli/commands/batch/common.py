"""What the commands of batches share: where the results are, and how they are summed up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ....core.errors import Fault, InvalidInputError
from ...context import CommandContext
from ...format import cost
from ...package import Package

if TYPE_CHECKING:
    from ....batch.output.outcome import Outcome

OutFolder = Annotated[str, typer.Option("--save-to", "-o", metavar="PATH", help="Folder of the batch.")]

BatchName = Annotated[
    str | None,
    typer.Option(
        "--batch", metavar="NAME", help="With --database: the name of the batch.", show_default=False
    ),
]

ORDER = ("succeeded", "failed", "lost", "unknown", "unfinished")


def read_results(folder: str) -> "dict[str, Outcome]":
    """Return the results of a batch. Raises `InvalidInputError` if there are none."""
    from ....batch.output.results import RESULTS, Results

    found = Results(Path(folder)).read()
    if not found:
        message = f"{folder} has no {RESULTS}; it is not the folder of a batch that has run"
        raise InvalidInputError([Fault("save_to", "results", message)])
    return found


def counts(outcomes: "Mapping[str, Outcome]") -> dict[str, int]:
    """Return how many rows ended in which way."""
    found = Counter(outcome.status for outcome in outcomes.values())
    return {status: found[status] for status in ORDER}  # type: ignore[index] # the names of `Status`


def total_credits(outcomes: "Mapping[str, Outcome]") -> float:
    """Return what the rows have cost."""
    return sum(outcome.credits or 0.0 for outcome in outcomes.values())


def facts(outcome: "Outcome") -> dict[str, Any]:
    """Return an outcome as JSON."""
    return outcome._asdict() | {"paths": [str(path) for path in outcome.paths]}


def print_status(
    context: CommandContext,
    lines: list[str],
    data: Mapping[str, Any],
    outcomes: Iterable["Outcome"],
    failures: object,
) -> None:
    """Print how far a batch is, and each row that did not succeed.

    Args:
        lines: The numbers of the batch, as text.
        data: The same as JSON.
        failures: The file of the rows that failed; None if there is none.
    """
    shown = list(outcomes)
    lines = [
        *lines,
        *(
            f"{outcome.status:<11}{outcome.key}: {outcome.reason}"
            for outcome in shown
            if outcome.status != "succeeded"
        ),
        *([f"failures: {failures}"] if failures else []),
    ]
    rows = [facts(outcome) for outcome in shown]
    path = str(failures) if failures else None
    context.terminal.result({**data, "rows": rows, "failures": path}, lambda: lines)


def summary(number: Mapping[str, int], credits_: float, package: Package) -> str:
    """Return a line with how the rows ended and what they cost."""
    ended = ", ".join(f"{count} {status}" for status, count in number.items() if count)
    return f"{ended or 'no row has ended'}; cost: {cost(credits_, package)}"
