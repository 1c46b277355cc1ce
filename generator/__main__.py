"""The command line: `python -m generator COMMAND`. One short function a command, in the order of the flow.

A command loads its own room: `generate` and `check` run often and do not wait for the others' libraries.
"""

import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.contract.source import Source, read
from generator.diagnostics import ExitCode, InputError
from generator.emit.package import package
from generator.emit.write import compare
from generator.emit.write import write as write_files

if TYPE_CHECKING:
    from generator.drift.commands import CommandResult

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    help="Turns the contract in spec/ into the package in generated/.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Spec = Annotated[Path, typer.Option(help="The folder of the contract.")]
Page = Annotated[str, typer.Argument(help="A file, `-`, or an https address of the documentation.")]
Out = Annotated[Path, typer.Option(help="The folder that the package is written to.")]

SPEC = ROOT / "spec"
OUT = ROOT / "generated"

# Not spec/recordings: what belongs there is for a person to choose.
RECORDED = ROOT / "out" / "recordings"

# Written at the end of a whole test run.
SHOWN = ROOT / ".contract" / "shown.json"
SHOWING = ROOT / "tests" / "client"


def files(source: Source) -> dict[str, str]:
    """Every file of the output folder, by its path below it."""
    return package(source.contract, source.openapi, source.arazzo, source.recordings)


@app.command()
def lint(spec: Spec = SPEC) -> None:
    """Check that the spec declares a whole contract, and that the recordings keep to it."""
    from generator.replay.check import check as check_recordings

    recordings = check_recordings(spec / "recordings", read(spec).openapi)
    typer.echo(f"the spec is complete, and {len(recordings)} recordings keep to it")


@app.command()
def generate(spec: Spec = SPEC, out: Out = OUT) -> None:
    """Write the package."""
    changed = write_files(files(read(spec)), out)
    for path in changed:
        typer.echo(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    if not changed:
        typer.echo("nothing changed")


@app.command()
def check(
    spec: Spec = SPEC,
    out: Out = OUT,
    quiet: Annotated[bool, typer.Option(help="Say nothing when all is current.")] = False,
) -> None:
    """Prove that the package is what the spec gives; write nothing, exit 1 with a diff if not."""
    differences = compare(files(read(spec)), out)
    for difference in differences:
        typer.echo(difference.diff, nl=False)
    for difference in differences:
        typer.echo(difference.diagnostic, err=True)
    if differences:
        raise typer.Exit(ExitCode.DIFFERS)
    if not quiet:
        typer.echo("the package is what the spec gives")


@app.command()
def facts(
    page: Annotated[str, typer.Argument(help="A file, `-`, an https address, or a folder of pages.")],
    spec: Spec = SPEC,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what a documentation page states."""
    from generator.drift import commands

    answer(commands.show_facts(page, spec, as_json=json))


@app.command()
def drift(
    page: Annotated[str | None, typer.Argument(help="As above; without one, the recorded page.")] = None,
    spec: Spec = SPEC,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table for a pull request.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say what became of every statement.")] = False,
) -> None:
    """Compare a documentation page with the spec; exit 1 when they differ."""
    if json and markdown:
        raise typer.BadParameter("give --json or --markdown, not both")
    from generator.drift import commands

    form = "json" if json else "markdown" if markdown else "text"
    answer(commands.show_drift(page, spec, form=form, explain=explain))


@app.command()
def reconcile(page: Page, spec: Spec = SPEC, out: Out = OUT) -> None:
    """Take a page over: edit the spec where that is obvious, list the rest, regenerate."""
    from generator.drift import commands

    today = datetime.now(UTC).date()
    answer(commands.reconcile_page(page, spec, files, partial(write_files, root=out), today))


@app.command()
def draft(page: Page, spec: Spec = SPEC, out: Out = OUT) -> None:
    """Write the spec entry of a page's model that the spec does not have yet, and regenerate."""
    from generator.drift import commands

    answer(commands.draft_page_model(page, spec, files, partial(write_files, root=out)))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A folder with a spec, a file of it, or a git revision.")],
    new: Annotated[str, typer.Argument(help="The same; the working copy unless given.")] = str(SPEC),
    spec: Spec = SPEC,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    as_changelog: Annotated[bool, typer.Option("--changelog", help="The text for CHANGELOG.md.")] = False,
) -> None:
    """Grade what changed between two contracts by its effect on users; exit 1 if anything did."""
    from generator.release.changes import changes
    from generator.release.report import changelog, machine, plain
    from generator.release.revisions import find
    from generator.release.surface import surface

    before, after = find(old, spec), find(new, spec)
    found = changes(surface(before), surface(after))
    version = before.contract.api.version
    typer.echo(
        machine(found, version) if as_json else changelog(found) if as_changelog else plain(found, version)
    )
    if found:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command("docs-address")
def docs_address(spec: Spec = SPEC) -> None:
    """Print the address of the documentation page, in Markdown."""
    from generator.drift import commands

    typer.echo(commands.docs_address(spec))


@app.command()
def coverage(
    spec: Spec = SPEC,
    shown: Annotated[Path, typer.Option(help="What the last test run showed.")] = SHOWN,
) -> None:
    """Say which recordings and tests show each part of the contract; exit 1 for an unexplained hole."""
    from generator.replay import commands

    lines, missing = commands.coverage(spec, SHOWING, shown, datetime.now(UTC).date())
    typer.echo("\n".join(lines))
    for fault in missing:
        typer.echo(fault, err=True)
    if missing:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command()
def record(
    base_url: Annotated[str, typer.Option(help="The server; the service's own URL means the service.")],
    spec: Spec = SPEC,
    out: Annotated[Path, typer.Option(help="The folder for the recordings.")] = RECORDED,
    paid: Annotated[bool, typer.Option("--paid", help="Also play what costs credits.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; exit 1 where answers differ.")] = False,
) -> None:
    """Ask a server what spec/record.yaml says and keep the answers, without secrets."""
    from generator.replay import commands

    said = 0
    for line in commands.record(base_url, spec, out, paid=paid, diff=diff):
        typer.echo(line)
        said += 1
    if diff and said:
        raise typer.Exit(ExitCode.DIFFERS)


def answer(given: "CommandResult") -> None:
    """Print a command's complaints and its answer, and end as it says."""
    for complaint in given.complaints:
        typer.echo(complaint, err=True)
    typer.echo(given.text)
    if given.code:
        raise typer.Exit(given.code)


def run(command: Callable[[], object]) -> None:
    """Run the command line; a refusal of input prints its complaints and exits 2, a fault of ours 70."""
    try:
        command()
    except InputError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.REJECTED)
    except Exception:  # Python's own exit code of a crash, 1, would mean a difference
        traceback.print_exc()
        sys.exit(ExitCode.BROKEN)


if __name__ == "__main__":
    run(lambda: app(prog_name="python -m generator"))
