"""Mutate the contract and check that the contract tests fail: `make mutate`."""

import random
import select
import sys
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from generator.contract.source import read_spec
from generator.replay.check import check_recordings
from tests.mutation import mutants as spec_mutants
from tests.mutation import recorded
from tests.mutation.results import Results, fingerprint
from tests.mutation.world import LINT, ROOT, Base, Judging, Verdict, judge_recording, judge_spec

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
RESULTS = ROOT / ".mutation" / "results.jsonl"

Judge = Callable[[list[str]], str]


class Trial(NamedTuple):
    """A mutant and its judge, which takes the tests that killed the most mutants so far."""

    name: str
    part: str
    judge: Judge


def trials() -> list[Trial]:
    """Return every mutant of the spec and of the recordings."""
    source = read_spec(ROOT / "spec")
    base = Base(source)
    found = [
        Trial(mutant.name, mutant.part, partial(_spec, base, mutant))
        for mutant in spec_mutants.mutants(source.openapi, source.arazzo)
    ]
    recordings = check_recordings(ROOT / "spec" / "recordings", source.openapi)
    for changed in recorded.mutants(recordings, source.openapi):
        judge = partial(judge_recording, source.openapi, changed.recording, changed.text)
        found.append(Trial(changed.name, f"{changed.part}/*.har", judge))
    return found


def unchanged(killers: list[str]) -> str:
    """Return what fails without a mutant. The result must be empty."""
    source = read_spec(ROOT / "spec")
    return judge_spec(Base(source), source.openapi, source.arazzo, killers)


def _spec(base: Base, mutant: spec_mutants.Mutant, killers: list[str]) -> str:
    documents = [
        mutant.apply(document) if document.path.name == mutant.file else document
        for document in (base.openapi, base.arazzo)
    ]
    return judge_spec(base, documents[0], documents[1], killers)


def equivalents() -> list[dict[str, str]]:
    """Return the patterns of mutants that no test can detect, each with the reason."""
    entries: list[dict[str, str]] = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or []
    return entries


def reason(name: str, entries: list[dict[str, str]]) -> str:
    """Return why a mutant may survive, or an empty string if it may not."""
    return next((entry["reason"] for entry in entries if fnmatchcase(name, entry["mutants"])), "")


def run(chosen: list[Trial], results: Results, jobs: int, console: Console) -> None:
    """Try the mutants that have no verdict yet, `jobs` at a time."""
    waiting = [trial for trial in chosen if trial.name not in results.found]
    # A survivor takes the longest, so the expected survivors are last.
    entries = equivalents()
    waiting.sort(key=lambda trial: bool(reason(trial.name, entries)))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # No automatic refresh, because its thread would be copied by each fork.
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        bar = progress.add_task("mutants", total=len(chosen), completed=len(chosen) - len(waiting))
        progress.refresh()
        running: dict[Any, Trial] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                trial = waiting.pop(0)
                running[Judging(partial(trial.judge, likely(trial.name, results.found)))] = trial
            for judging in select.select(list(running), [], [])[0]:
                trial, verdict = running.pop(judging), judging.result()
                results.add(trial.name, verdict)
                progress.advance(bar)
                progress.refresh()


def likely(name: str, found: dict[str, Verdict]) -> list[str]:
    """Return the tests that killed mutants so far, those that killed similar ones first."""
    parts = name.split("/")
    busy: Counter[str] = Counter()
    closest: Counter[str] = Counter()
    for other, verdict in found.items():
        if "::" in verdict.killer:
            busy[verdict.killer] += 1
            pairs = zip(parts, other.split("/"), strict=False)
            alike = len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
            closest[verdict.killer] = max(closest[verdict.killer], alike)
    return sorted(busy, key=lambda killer: (-closest[killer], -busy[killer]))


def report(chosen: list[Trial], results: Results, whole: bool, console: Console) -> bool:
    """Print the score of each part and every survivor. Return whether there is no problem."""
    entries = equivalents()
    table = Table(title="Mutants of the contract")
    table.add_column("part", no_wrap=True)
    for heading in ("mutants", "by lint", "by tests", "equivalent", "survived", "score"):
        table.add_column(heading, justify="right")
    totals: Counter[str] = Counter()
    for part in dict.fromkeys(trial.part for trial in chosen):
        names = [trial.name for trial in chosen if trial.part == part]
        counts = _counts(names, results, entries)
        totals += counts
        table.add_row(part, *_cells(counts))
    table.add_section()
    table.add_row("all", *_cells(totals))
    console.print(table)
    seconds = sum(results.found[trial.name].seconds for trial in chosen)
    console.print(f"{seconds:.0f} seconds of trials")
    survivors = [trial for trial in chosen if not results.found[trial.name].killer]
    gaps = [trial.name for trial in survivors if not reason(trial.name, entries)]
    for name in gaps:
        console.print(f"survived: {name}", style="red", highlight=False, soft_wrap=True, markup=False)
    unused = [
        entry["mutants"]
        for entry in entries
        if whole and not any(fnmatchcase(trial.name, entry["mutants"]) for trial in survivors)
    ]
    for pattern in unused:
        text = f"{EQUIVALENT.name}: no surviving mutant matches this pattern; remove it: {pattern}"
        console.print(text, style="red", highlight=False, soft_wrap=True, markup=False)
    return not gaps and not unused


def _counts(names: list[str], results: Results, entries: list[dict[str, str]]) -> Counter[str]:
    counts = Counter(mutants=len(names))
    for name in names:
        killer = results.found[name].killer
        kind = "lint" if killer == LINT else "noticed" if killer else ""
        counts[kind or ("equivalent" if reason(name, entries) else "survived")] += 1
    return counts


def _cells(counts: Counter[str]) -> list[str]:
    killed = counts["lint"] + counts["noticed"]
    detectable = killed + counts["survived"]
    score = f"{100 * killed / detectable:.1f} %" if detectable else "-"
    return [str(counts[name]) for name in ("mutants", "lint", "noticed", "equivalent", "survived")] + [score]


def main(
    sample: Annotated[int, typer.Option(help="How many mutants to try.")] = 300,
    seed: Annotated[int, typer.Option(help="Chooses the sample.")] = 1,
    every: Annotated[bool, typer.Option("--all", help="Try every mutant.")] = False,
    part: Annotated[list[str] | None, typer.Option(help="Only of this part, such as createTask.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at a time.")] = 2,
) -> None:
    """Try mutants of the contract; exit 1 when one survives without a reason."""
    console = Console()
    known = trials()
    found = [trial for trial in known if not part or trial.part in part]
    if not found:
        parts = ", ".join(sorted({trial.part for trial in known}))
        raise typer.BadParameter(f"no such part; the parts are {parts}", param_hint="--part")
    if not every and sample < len(found):
        chosen_names = set(random.Random(seed).sample([trial.name for trial in found], sample))  # noqa: S311 # a sample, not a secret
        found = [trial for trial in found if trial.name in chosen_names]
    results = Results(RESULTS, fingerprint())
    if killer := Judging(partial(unchanged, [])).result().killer:
        # Otherwise every mutant would count as detected.
        console.print(f"error: {killer} fails without a mutant; fix it first", markup=False)
        sys.exit(2)
    try:
        run(found, results, jobs, console)
    except KeyboardInterrupt:
        console.print("interrupted; the next run continues here")
        sys.exit(130)
    if not report(found, results, every and not part, console):
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
