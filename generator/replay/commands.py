"""What the commands of this room do, between the command line and the modules."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import read
from generator.diagnostics import Diagnostic, InputError, Location
from generator.replay.check import check
from generator.replay.coverage import cover, digest, holes, read_shown, reasons, summary, table
from generator.replay.difference import differences
from generator.replay.record import SCENARIOS, Server, play, save, scenarios
from generator.replay.recordings import read as read_recording


def coverage(spec: Path, suite: Path, shown: Path, today: date) -> tuple[list[str], list[Diagnostic]]:
    """The table of what shows each part of the contract, and what is wrong with it.

    `suite` is the tests that `shown` is the record of.
    """
    source = read(spec)
    covered = cover(
        source, check(spec / "recordings", source.openapi), read_shown(shown, digest(spec, suite))
    )
    return [*table(covered, reasons(spec), today), "", *summary(covered)], holes(covered, spec)


def record(base_url: str, spec: Path, out: Path, *, paid: bool, diff: bool) -> Iterator[str]:
    """Record every scenario and name its file; with `diff`, write nothing and say what differs from `out`.

    What costs credits is left out unless `paid`.
    """
    source = read(spec)
    variable = source.contract.api.key_variable
    server = Server(base_url.rstrip("/"), os.environ.get(variable, ""))
    if not server.key:
        message = f"no key: set {variable} (for a sandbox: sandbox)"
        raise InputError([Diagnostic(Location(spec / SCENARIOS), message, "record-key")])
    for scenario in scenarios(spec, source.openapi):
        if scenario.paid and not paid:
            continue
        with TemporaryDirectory() as directory:
            folder = Path(directory) if diff else out
            path = save(play(scenario, server, source.openapi), folder, scenario.name, server.key)
            recorded = out / f"{scenario.name}.har"
            if not diff:
                yield str(path)
            elif not recorded.exists():
                yield f"{scenario.name}: not recorded yet"
            else:
                yield from differences(read_recording(recorded), read_recording(path))
