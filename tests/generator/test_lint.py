"""Each lint rule has a case: an edit of the spec and the diagnostics that it must cause."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contract.lint import lint
from generator.contract.load import Document, Pointer
from generator.contract.lower.package import lower
from generator.diagnostics import InputError
from tests.generator.edits import documents, edited, placed, read_changes
from tests.generator.expected import expect

CASES = Path(__file__).parent / "cases" / "lint"
OPENAPI, ARAZZO = documents(edited([]))


def test_committed_spec_has_no_faults() -> None:
    assert lint(OPENAPI, ARAZZO) == []


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case_has_exactly_these_faults(case: Path) -> None:
    texts = edited(read_changes(case))
    faults = lint(*documents(texts))
    expect(placed(str(InputError(faults)), texts), case / "stderr.txt")


def pointers(node: Any, pointer: Pointer = ()) -> list[Pointer]:
    """Return every place below a node."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [
        place for key, child in children for place in ((*pointer, key), *pointers(child, (*pointer, key)))
    ]


PLACES = [(document, pointer) for document in (OPENAPI, ARAZZO) for pointer in pointers(document.data)]
NOTHING = object()


@settings(max_examples=25, deadline=None, database=None)
@given(
    place=st.sampled_from(PLACES),
    value=st.sampled_from([NOTHING, None, True, 5, -0.5, "", "x y", "$ref", [], {}, [{}], {"$ref": "#/"}]),
)
def test_any_broken_document_is_reported_or_lowered(place: tuple[Document, Pointer], value: Any) -> None:
    document, pointer = place
    data = copy.deepcopy(document.data)
    parent = data
    for part in pointer[:-1]:
        parent = parent[part]
    if value is NOTHING:
        del parent[pointer[-1]]
    else:
        parent[pointer[-1]] = value
    broken = Document(document.path, document.text, data, {})
    pair = (broken, ARAZZO) if document is OPENAPI else (OPENAPI, broken)
    if not lint(*pair):
        lower(*pair)
