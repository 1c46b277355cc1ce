"""Reads recorded requests by the current names of their members, which the spec declares.

`x-former-names` has the earlier names of a member, and `x-removed-names` the members that are gone.
"""

import json
from collections.abc import Mapping
from typing import Any

from generator.contract.load import Document
from generator.contract.pointer import resolve
from generator.replay.operations import match, operations


def current_names(document: dict[str, Any], schema: Any, value: Any) -> Any:
    """Return a request's value with the current name for each former one, and without removed members.

    References in `schema` are resolved in `document`, the OpenAPI document.
    """
    declared = resolve(document, schema)
    if isinstance(value, list) and "items" in declared:
        return [current_names(document, declared["items"], item) for item in value]
    if not isinstance(value, dict):
        return value
    if "discriminator" in declared:
        discriminator = declared["discriminator"]
        chosen = discriminator["mapping"].get(str(value.get(discriminator["propertyName"])))
        return current_names(document, {"$ref": chosen}, value) if chosen else value
    members = declared.get("properties", {})
    current = {
        former: name
        for name, member in members.items()
        for former in resolve(document, member).get("x-former-names", ())
        if name not in value
    }
    removed = declared.get("x-removed-names", ())
    renamed = {current.get(name, name): item for name, item in value.items() if name not in removed}
    return {
        name: current_names(document, members[name], item) if name in members else item
        for name, item in renamed.items()
    }


def current_recordings(openapi: Document, recordings: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of recordings with current names in the bodies of their requests.

    A recording without former names is returned unchanged.
    """
    return {path: _current_recording(openapi.data, text) for path, text in recordings.items()}


def _current_recording(document: dict[str, Any], text: str) -> str:
    har = json.loads(text)
    known = operations(document)
    changed = False
    for entry in har["log"]["entries"]:
        request = entry["request"]
        posted = request.get("postData", {})
        operation = match(known, "", request["method"], request["url"])
        if operation is None or "text" not in posted:
            continue
        content = resolve(document, operation.declared.get("requestBody", {})).get("content", {})
        if "application/json" not in content:
            continue
        body = json.loads(posted["text"])
        current = current_names(document, content["application/json"]["schema"], body)
        if current != body:
            posted["text"] = json.dumps(current, ensure_ascii=False, separators=(",", ":"))
            changed = True
    return json.dumps(har, ensure_ascii=False, indent=2) + "\n" if changed else text
