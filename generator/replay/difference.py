"""Compares replies with recorded ones by status, verdict, members and types."""

import json
from collections.abc import Iterator
from typing import Any

from generator.replay.recordings import Exchange, Recording
from generator.runtime.contract.model import Contract
from generator.runtime.contract.pointer import format_pointer


def verdicts(contract: Contract) -> frozenset[str]:
    """Return the places of a reply whose value is a verdict: its code, its message and a task's state."""
    envelope, workflow = contract.envelope, contract.workflow
    member = contract.data_member(contract.operations[workflow.poll])
    state = (*([member] if member else ()), *workflow.outputs["state"].pointer)
    names = (envelope.code, *envelope.message, envelope.ok)
    return frozenset({format_pointer(state), *(format_pointer([name]) for name in names if name)})


def differences(old: Recording, new: Recording, verdicts: frozenset[str]) -> Iterator[str]:
    """Yield one line for each difference between the replies of two recordings.

    At the places of `verdicts` the values are compared, elsewhere their types.
    """
    if [exchange.request.method for exchange in _without_repeats(old)] != [
        e.request.method for e in _without_repeats(new)
    ]:
        yield f"{new.name}: the calls differ from the recorded ones"
        return
    for one, other in zip(_without_repeats(old), _without_repeats(new), strict=True):
        at = f"{new.name}: {other.request.method} {other.request.url.partition('?')[0]}"
        if one.response.status != other.response.status:
            yield f"{at}: HTTP {other.response.status}, recorded HTTP {one.response.status}"
        before, now = (_shape(each.response.text, verdicts) for each in (one, other))
        for place in sorted({*before, *now}):
            if before.get(place) != now.get(place):
                found, recorded = now.get(place, "missing"), before.get(place, "missing")
                yield f"{at}: {place or 'the body'} is {found}, recorded: {recorded}"


def _without_repeats(recording: Recording) -> list[Exchange]:
    """Return the exchanges, but of a repeated GET only the last.

    How often it repeats depends on timing.
    """
    last: dict[tuple[str, str, str], Exchange] = {}
    for number, exchange in enumerate(recording.exchanges):
        request = exchange.request
        repeated = request.method == "GET"
        last[request.method, request.url, "" if repeated else str(number)] = exchange
    return list(last.values())


def _shape(text: str, verdicts: frozenset[str]) -> dict[str, str]:
    """Map each place in a JSON text to its value, if a verdict, else to its type."""
    try:
        return dict(_places(json.loads(text), "", verdicts))
    except ValueError:
        return {"": "not JSON"}


def _places(value: Any, at: str, verdicts: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield at, "an object"
        for name, member in value.items():
            yield from _places(member, f"{at}{format_pointer([name])}", verdicts)
    elif at in verdicts:
        yield at, repr(value)
    else:
        yield (
            at,
            {bool: "true or false", int: "a number", float: "a number", str: "text"}.get(
                type(value), "null" if value is None else "a list"
            ),
        )
