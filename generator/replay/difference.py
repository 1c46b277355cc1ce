"""Says how today's answers differ from the recorded ones: verdicts, members, types; not times and ids."""

import json
from collections.abc import Iterator
from typing import Any

from generator.replay.recordings import Exchange, Recording


def differences(old: Recording, new: Recording) -> Iterator[str]:
    """One line for each difference in what the server said."""
    if [exchange.request.method for exchange in _once(old)] != [e.request.method for e in _once(new)]:
        yield f"{new.name}: other calls are made than were recorded"
        return
    for one, other in zip(_once(old), _once(new), strict=True):
        at = f"{new.name}: {other.request.method} {other.request.url.partition('?')[0]}"
        if one.response.status != other.response.status:
            yield f"{at}: HTTP {other.response.status}, recorded is {one.response.status}"
        before, now = _shape(one.response.text), _shape(other.response.text)
        for place in sorted({*before, *now}):
            if before.get(place) != now.get(place):
                said, recorded = now.get(place, "missing"), before.get(place, "missing")
                yield f"{at}: {place or 'the body'} is {said}, recorded is {recorded}"


def _once(recording: Recording) -> list[Exchange]:
    """The exchanges, of the same call asked again and again only the last: how often is a matter of time."""
    last: dict[tuple[str, str, str], Exchange] = {}
    for number, exchange in enumerate(recording.exchanges):
        request = exchange.request
        repeated = request.method == "GET"
        last[request.method, request.url, "" if repeated else str(number)] = exchange
    return list(last.values())


def _shape(text: str) -> dict[str, str]:
    """What is at each place: the verdict itself, else the type."""
    try:
        return dict(_places(json.loads(text), ""))
    except ValueError:
        return {"": "no JSON"}


def _places(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield at, "an object"
        for name, member in value.items():
            yield from _places(member, f"{at}/{name}")
    elif at in ("/code", "/msg", "/message", "/success", "/data/state"):
        yield at, repr(value)
    else:
        yield (
            at,
            {bool: "true or false", int: "a number", float: "a number", str: "text"}.get(
                type(value), "null" if value is None else "a list"
            ),
        )
