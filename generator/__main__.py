"""The command line: `python -m generator COMMAND`. One short function a command, in the order of the flow."""

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from generator.contract.source import Source, read
from generator.diagnostics import Diagnostic, ExitCode, InputError, Location
from generator.emit.package import package
from generator.emit.write import compare
from generator.emit.write import write as write_files
from generator.replay.check import check as check_recordings
from generator.replay.coverage import cover, holes, read_shown, reasons, summary, table
from generator.replay.difference import differences
from generator.replay.record import SCENARIOS, Server, record, save, scenarios
from generator.replay.recordings import read as read_recording

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    help="Turns the contract in spec/ into the package in generated/.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Spec = Annotated[Path, typer.Option(help="The folder of the contract.")]
Out = Annotated[Path, typer.Option(help="The folder that the package is written to.")]

SPEC = ROOT / "spec"
OUT = ROOT / "generated"

# Not spec/recordings: what belongs there is for a person to choose.
RECORDED = ROOT / "out" / "recordings"

# Written at the end of a whole test run.
SHOWN = ROOT / ".contract" / "shown.json"


def files(source: Source) -> dict[str, str]:
    """Every file of the output folder, by its path below it."""
    return package(source.contract, source.openapi, source.arazzo)


@app.command()
def lint(spec: Spec = SPEC) -> None:
    """Check that the spec declares a whole contract, and that the recordings keep to it."""
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
def coverage(
    spec: Spec = SPEC,
    shown: Annotated[Path, typer.Option(help="What the last test run showed.")] = SHOWN,
) -> None:
    """Say which recordings and tests show each part of the contract; exit 1 for an unexplained hole."""
    source = read(spec)
    covered = cover(source, check_recordings(spec / "recordings", source.openapi), read_shown(shown))
    for line in table(covered, reasons(spec), date.today()):  # noqa: DTZ011 # an age in months
        typer.echo(line)
    typer.echo()
    for line in summary(covered):
        typer.echo(line)
    missing = holes(covered, spec)
    for fault in missing:
        typer.echo(fault, err=True)
    if missing:
        raise typer.Exit(ExitCode.DIFFERS)


@app.command("record")
def record_scenarios(
    base_url: Annotated[
        str, typer.Option(help="The server to ask; the service's own URL means the service.")
    ],
    spec: Spec = SPEC,
    out: Annotated[Path, typer.Option(help="The folder for the recordings.")] = RECORDED,
    paid: Annotated[bool, typer.Option("--paid", help="Also play what costs credits.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; exit 1 where answers differ from OUT.")
    ] = False,
) -> None:
    """Ask a server what spec/record.yaml says and keep the answers, without secrets."""
    source = read(spec)
    server = Server(base_url.rstrip("/"), os.environ.get(source.contract.api.key_variable, ""))
    if not server.key:
        message = f"no key: set {source.contract.api.key_variable} (for the sandbox: sandbox)"
        raise InputError([Diagnostic(Location(spec / SCENARIOS), message, "record-key")])
    found: list[str] = []
    for scenario in scenarios(spec, source.openapi):
        if scenario.paid and not paid:
            typer.echo(f"left out, because it costs credits (--paid): {scenario.name}", err=True)
            continue
        with TemporaryDirectory() as directory:
            folder = Path(directory) if diff else out
            path = save(record(scenario, server, source.openapi), folder, scenario.name, server.key)
            if not diff:
                typer.echo(path)
            elif not (out / f"{scenario.name}.har").exists():
                found.append(f"{scenario.name}: not recorded yet")
            else:
                found += differences(read_recording(out / f"{scenario.name}.har"), read_recording(path))
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(ExitCode.DIFFERS)


def run(command: Callable[[], object]) -> None:
    """Run the command line; a refusal of input prints its complaints and exits 2."""
    try:
        command()
    except InputError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.REJECTED)


if __name__ == "__main__":
    run(lambda: app(prog_name="python -m generator"))
