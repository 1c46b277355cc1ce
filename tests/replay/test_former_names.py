"""Recordings made before a rename or a removal stay readable."""

import copy
import json
from pathlib import Path

import pytest

from generator.contract.load import Document, load
from generator.diagnostics import InputError
from generator.replay.check import check_recordings
from generator.replay.former_names import current_names, current_recordings

ROOT = Path(__file__).parents[2]
SPEC = load(ROOT / "spec" / "openapi.yaml")
INPUT = "CharacterEditInput"
OLD, NEW = next(iter(SPEC.data["components"]["schemas"][INPUT]["properties"])), "newName"


def renamed(*former: str) -> Document:
    """Return the spec after a rename of the first member of a request's input."""
    data = copy.deepcopy(SPEC.data)
    schema = data["components"]["schemas"][INPUT]
    schema["properties"][NEW] = {**schema["properties"].pop(OLD), "x-former-names": [*former]}
    schema["required"] = [NEW if name == OLD else name for name in schema["required"]]
    return Document(SPEC.path, SPEC.text, data, {})


def test_recordings_of_a_renamed_field_pass_the_check() -> None:
    assert check_recordings(ROOT / "spec" / "recordings", renamed(OLD))


def test_recordings_of_an_undeclared_rename_fail_the_check() -> None:
    with pytest.raises(InputError, match=f"'/input/{NEW}': is missing"):
        check_recordings(ROOT / "spec" / "recordings", renamed())


def without(*removed: str) -> Document:
    """Return the spec without the last member of a request's input."""
    data = copy.deepcopy(SPEC.data)
    schema = data["components"]["schemas"]["V3RemixInput"]
    del schema["properties"]["negative_prompt"]
    schema |= {"x-removed-names": [*removed]}
    return Document(SPEC.path, SPEC.text, data, {})


def test_recordings_with_a_removed_field_are_read_without_it() -> None:
    recordings = ROOT / "spec" / "recordings"
    assert check_recordings(recordings, without("negative_prompt"))
    with pytest.raises(InputError, match="'negative_prompt' was unexpected"):
        check_recordings(recordings, without())
    name = "createTask/v3-remix-example.har"
    text = (recordings / name).read_text(encoding="utf-8")
    assert "negative_prompt" in text
    assert "negative_prompt" not in current_recordings(without("negative_prompt"), {name: text})[name]


def test_emitted_recordings_have_the_current_name() -> None:
    recorded = {
        name: (ROOT / "spec" / "recordings" / name).read_text(encoding="utf-8")
        for name in ("createTask/page-example.har", "getTask/state-waiting.har")
    }
    texts = current_recordings(SPEC, recorded)
    current = current_recordings(renamed(OLD), texts)
    assert current["getTask/state-waiting.har"] == texts["getTask/state-waiting.har"]
    before, after = (
        json.loads(
            json.loads(each["createTask/page-example.har"])["log"]["entries"][0]["request"]["postData"][
                "text"
            ]
        )
        for each in (texts, current)
    )
    before["input"][NEW] = before["input"].pop(OLD)
    assert after == before


def test_only_members_of_the_chosen_model_are_renamed() -> None:
    document = {
        "components": {
            "schemas": {
                "A": {"properties": {"model": {}, "new": {"x-former-names": ["old"]}}},
                "B": {"properties": {"model": {}, "old": {}}},
            }
        }
    }
    mapping = {"a": "#/components/schemas/A", "b": "#/components/schemas/B"}
    schema = {"discriminator": {"propertyName": "model", "mapping": mapping}}
    assert current_names(document, schema, {"model": "a", "old": 1}) == {"model": "a", "new": 1}
    for same in (
        {"model": "b", "old": 1},
        {"model": "c", "old": 1},
        {"old": 1},
        {"model": "a", "old": 1, "new": 2},
    ):
        assert current_names(document, schema, same) == same


def test_items_of_a_list_are_renamed() -> None:
    schema = {"items": {"properties": {"new": {"x-former-names": ["old"]}}}}
    assert current_names({}, schema, [{"old": 1}, 7]) == [{"new": 1}, 7]
