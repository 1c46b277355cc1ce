"""The command line: `python -m generator COMMAND`. One short function per command.

A command imports its package when it runs, so that it does not load the libraries of the others.
"""

import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.diagnostics import ExitCode, InputError

if TYPE_CHECKING:
    from generator.contract.source import Source
    from generator.drift.commands import CommandResult

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    help="Generate the package in generated/ from the contract in spec/.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Spec = Annotated[Path, typer.Option(help="Folder of the spec.")]
Page = Annotated[
    str, typer.Argument(help="Documentation page: a file, an https URL, or `-` for standard input.")
]
Out = Annotated[Path, typer.Option(help="Folder that the package is written to.")]

SPEC = ROOT / "spec"
OUT = ROOT / "generated"

# Not spec/recordings: a person decides which recordings belong there.
RECORDED = ROOT / "out" / "recordings"

UNFINISHED = ROOT / "out" / "drafts"

# The hash of the last comparison that found no difference.
CHECKED = ROOT / ".contract" / "checked"

# Written at the end of a complete test run.
SHOWN = ROOT / ".contract" / "shown.json"
# What the tests that it records are made from.
SHOWING = (ROOT / "tests" / "client", ROOT / "tests" / "contract")


def files(source: "Source") -> dict[str, str]:
    """Return the text of every file of the output folder by path."""
    from generator.emit.package import package
    from generator.replay.former_names import current_recordings

    recordings = current_recordings(source.openapi, source.recordings)
    return package(source.contract, source.openapi, source.arazzo, recordings)


@app.command()
def lint(spec: Spec = SPEC) -> None:
    """Check that the spec is complete, and that the recordings comply with it."""
    from generator.contract.source import read_spec
    from generator.replay.check import check_recordings

    recordings = check_recordings(spec / "recordings", read_spec(spec).openapi)
    typer.echo(f"the spec is complete, and {len(recordings)} recordings comply with it")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the module, such as film_studio.")],
    spec: Annotated[Path | None, typer.Option(help="Folder to write to. By default NAME/spec.")] = None,
) -> None:
    """Write a minimal spec of a new API, with comments that lead on."""
    from generator.scaffold import write_spec

    for path in write_spec(name, spec or Path(name, "spec")):
        typer.echo(path)


@app.command()
def generate(spec: Spec = SPEC, out: Out = OUT) -> None:
    """Write the package."""
    from generator.contract.source import read_spec
    from generator.emit.write import describe_changes, write

    made = files(read_spec(spec))
    for line in describe_changes(write(made, out), made, out):
        typer.echo(line)


@app.command()
def check(
    spec: Spec = SPEC,
    out: Out = OUT,
    quiet: Annotated[bool, typer.Option(help="Print nothing if the package is up to date.")] = False,
) -> None:
    """Check that the package is up to date.

    Writes nothing; exits 1 with a diff if it is not.
    """
    from generator.emit.checked import digest, remember, was_up_to_date

    current = digest(spec, out)
    if not was_up_to_date(CHECKED, current):
        _compare(spec, out)
        remember(CHECKED, current)
    if not quiet:
        typer.echo("the package is up to date with the spec")


def _compare(spec: Path, out: Path) -> None:
    """Print how the package differs from its spec, and exit if it does."""
    from generator.contract.source import read_spec
    from generator.emit.write import compare

    differences = compare(files(read_spec(spec)), out)
    for difference in differences:
        typer.echo(difference.diff, nl=False)
    for difference in differences:
        typer.echo(difference.diagnostic, err=True)
    if differences:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command()
def facts(
    page: Annotated[
        str, typer.Argument(help="A file, an https URL, a folder of pages, or `-` for standard input.")
    ],
    spec: Spec = SPEC,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the facts that a documentation page states."""
    from generator.drift import commands

    print_answer(commands.show_facts(page, spec, as_json=json))


@app.command()
def drift(
    pages: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PAGE]...", help="Files, https URLs or `-`. By default every recorded page."),
    ] = None,
    spec: Spec = SPEC,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a Markdown table for a pull request.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print how every statement was read.")] = False,
) -> None:
    """Compare documentation pages with the spec. Exits 1 if they differ."""
    if json and markdown:
        raise typer.BadParameter("give --json or --markdown, not both")
    from generator.drift import commands

    form = "json" if json else "markdown" if markdown else "text"
    print_answer(commands.show_drift(pages or [], spec, form=form, explain=explain))


@app.command()
def reconcile(
    pages: Annotated[list[str], typer.Argument(metavar="PAGE...", help="Files, https URLs or `-`.")],
    spec: Spec = SPEC,
    out: Out = OUT,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="A field of the spec and its name on the page."),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="A field of the spec that the page has removed.")
    ] = None,
) -> None:
    """Update the spec from pages if unambiguous, list the rest, and regenerate."""
    from generator.drift import commands
    from generator.drift.apply.field_names import NameChanges
    from generator.emit.write import write

    pairs = [pair.partition("=") for pair in rename or []]
    if wrong := [old for old, _, new in pairs if not (old and new)]:
        raise typer.BadParameter(f"'{wrong[0]}' is not of the form OLD=NEW", param_hint="--rename")
    names = NameChanges({old: new for old, _, new in pairs}, tuple(remove or ()))
    today = datetime.now(UTC).date()
    print_answer(commands.reconcile_pages(pages, spec, files, partial(write, root=out), today, names))


@app.command()
def draft(
    page: Annotated[
        str, typer.Argument(help="A file, an https URL, a folder of pages, or `-` for standard input.")
    ],
    spec: Spec = SPEC,
    out: Out = OUT,
    unfinished: Annotated[Path, typer.Option(help="Folder for entries that are not valid yet.")] = UNFINISHED,
) -> None:
    """Add the models of pages to the spec, regenerate, and list what is left to do.

    Exits 1 if an entry is not valid yet or a page of a folder was rejected.
    """
    from generator.drift import commands
    from generator.emit.write import write

    write_package = partial(write, root=out)
    print_answer(commands.draft_page_models(page, spec, files, write_package, unfinished))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A folder with a spec, one of its files, or a git revision.")],
    new: Annotated[str, typer.Argument(help="The same. By default the working copy.")] = str(SPEC),
    spec: Spec = SPEC,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_changelog: Annotated[
        bool, typer.Option("--changelog", help="Print the text for CHANGELOG.md.")
    ] = False,
) -> None:
    """Grade the changes between two contracts by their effect on users.

    Exits 1 if there are any.
    """
    from generator.release import changelog
    from generator.release.changes import changes
    from generator.release.revisions import find_contract
    from generator.release.surface import surface

    before, after = find_contract(old, spec), find_contract(new, spec)
    found = changes(surface(before), surface(after))
    version = before.contract.api.version
    if as_json:
        typer.echo(changelog.as_json(found, version))
    elif as_changelog:
        typer.echo(changelog.as_changelog(found))
    else:
        typer.echo(changelog.as_lines(found, version))
    if found:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command("docs-address")
def docs_address(
    model: Annotated[str | None, typer.Argument(help="A model. By default, all models.")] = None,
    spec: Spec = SPEC,
) -> None:
    """Print the URL of each model's documentation page in Markdown."""
    from generator.drift import commands

    typer.echo("\n".join(commands.docs_addresses(spec, model)))


@app.command()
def coverage(
    spec: Spec = SPEC,
    shown: Annotated[Path, typer.Option(help="Record of the last complete test run.")] = SHOWN,
) -> None:
    """Print which recordings and tests show each part of the contract.

    Exits 1 for an unexplained hole.
    """
    from generator.replay import commands

    lines, missing = commands.coverage(spec, SHOWING, shown, datetime.now(UTC).date())
    typer.echo("\n".join(lines))
    for fault in missing:
        typer.echo(fault, err=True)
    if missing:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command()
def record(
    base_url: Annotated[str, typer.Option(help="Server to call: a sandbox, or the URL of the service.")],
    spec: Spec = SPEC,
    out: Annotated[Path, typer.Option(help="Folder for the recordings.")] = RECORDED,
    paid: Annotated[bool, typer.Option("--paid", help="Also play scenarios that cost credits.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; exit 1 if replies differ from the recorded ones.")
    ] = False,
) -> None:
    """Record a server's replies to the scenarios of spec/record.yaml."""
    from generator.replay import commands

    lines = 0
    for line in commands.record(base_url, spec, out, paid=paid, diff=diff):
        typer.echo(line)
        lines += 1
    if diff and lines:
        raise typer.Exit(ExitCode.DIFFERS)


def print_answer(given: "CommandResult") -> None:
    """Print the diagnostics and the text of an answer, and exit with its code."""
    for complaint in given.complaints:
        typer.echo(complaint, err=True)
    typer.echo(given.text)
    if given.code:
        raise typer.Exit(given.code)


def run(command: Callable[[], object]) -> None:
    """Run the command line.

    Exits 2 with diagnostics for invalid input, and 70 for a crash.
    """
    try:
        command()
    except InputError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.REJECTED)
    except Exception:  # Python exits 1 for a crash, which would mean a difference
        traceback.print_exc()
        sys.exit(ExitCode.BROKEN)


if __name__ == "__main__":
    run(lambda: app(prog_name="python -m generator"))
