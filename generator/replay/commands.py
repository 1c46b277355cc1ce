"""The commands `coverage` and `record`, without their command line."""

import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import read_spec
from generator.diagnostics import Diagnostic, InputError, Location
from generator.replay.check import check_recordings
from generator.replay.coverage import cover, digest, holes, read_shown, reasons, summary, table
from generator.replay.difference import differences, verdicts
from generator.replay.record import SCENARIOS, Server, play, save, scenarios
from generator.replay.recordings import read_recording


def coverage(
    spec: Path, suites: Iterable[Path], shown: Path, today: date
) -> tuple[list[str], list[Diagnostic]]:
    """Return the coverage table and its diagnostics.

    `shown` is the record of a run of the tests in `suites`.
    """
    source = read_spec(spec)
    recordings = check_recordings(spec / "recordings", source.openapi)
    covered = cover(source, recordings, read_shown(shown, digest(spec, *suites)))
    return [*table(covered, reasons(spec), today), "", *summary(covered)], holes(covered, spec)


def record(base_url: str, spec: Path, out: Path, *, paid: bool, diff: bool) -> Iterator[str]:
    """Record every scenario and yield its file.

    With `diff`, nothing is written, and differences from `out` are yielded.

    Scenarios that cost credits are skipped unless `paid`.
    """
    source = read_spec(spec)
    variable = source.contract.api.key_variable
    server = Server(base_url.rstrip("/"), os.environ.get(variable, ""))
    if not server.key:
        message = f"there is no API key; set {variable} (a local sandbox accepts the key `sandbox`)"
        raise InputError([Diagnostic(Location(spec / SCENARIOS), message, "record-key")])
    places = verdicts(source.contract.api)
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
                yield from differences(read_recording(recorded), read_recording(path), places)
