"""`draft` says what is left to a person, says it once, and refuses other pages with a reason."""

from pathlib import Path

import pytest
import yaml

from generator.contract import source
from generator.drift.commands import draft_page_models
from tests.drift.command import call_command
from tests.drift.draft.drafting import draft, draft_path, members, page, todos


def test_list_without_a_type_of_its_items_is_a_list_of_strings(spec: Path) -> None:
    result = draft(page(members="sizes: {type: array, description: Sizes.}"), spec)
    assert members(spec)["sizes"]["items"] == {"type": "string"}
    (todo,) = todos(result)
    assert todo.startswith("input.sizes: the page does not state the type of the items; string was written")


def test_types_of_alternatives_are_named_in_the_order_of_the_page(spec: Path) -> None:
    style = "style: {oneOf: [{type: string}, {type: integer}], description: Style.}"
    (todo,) = todos(draft(page(members=style), spec))
    assert todo.startswith(
        "input.style: the page states the types string and integer; the first one was written"
    )
    assert members(spec)["style"]["type"] == "string"


# A page → what its error says about it.
OTHER_PAGES = {
    page().replace("/createTask", "/other"): "is about /api/v1/jobs/other and names the model lamp/shade-1",
    "# A lamp\n\n## Request\n\n### size\n\n**Type**: `string`\n": "states no endpoint and names no model",
}


@pytest.mark.parametrize("text", OTHER_PAGES)
def test_page_of_another_endpoint_is_refused_with_what_it_is_about(text: str, spec: Path) -> None:
    result = draft(text, spec)
    assert (result.code, result.out) == (2, "")
    expected = f"the page {OTHER_PAGES[text]}; expected POST /api/v1/jobs/createTask and a model"
    assert f"error: {expected} (page-other-endpoint)\n" in result.err


def test_sentence_of_several_pages_is_to_be_read_once(spec: Path) -> None:
    folder = spec.parent / "pages"
    folder.mkdir()
    for name in ("shade-1", "shade-2"):
        text = page(f"lamp/{name}").replace("# A lamp\n", "# A lamp\n\nKeep the light dim.\n")
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    assert draft_path(folder, spec).out.count("Keep the light dim.") == 1


def hold_in_first_model(spec: Path, **facts: str) -> None:
    """Declare what members of the model of the spec hold; each member is added to its input."""
    path = spec / source.OPENAPI
    openapi = yaml.safe_load(path.read_text(encoding="utf-8"))
    (input_,) = [each for name, each in openapi["components"]["schemas"].items() if name.endswith("Input")]
    for name, fact in facts.items():
        input_["properties"][name] = {"type": "integer", "description": "A fact.", "x-holds": fact}
    path.write_text(yaml.dump(openapi, sort_keys=False, allow_unicode=True), encoding="utf-8")


def test_member_holds_what_it_holds_in_another_model(spec: Path) -> None:
    hold_in_first_model(spec, seed="seed", amount="count")
    text = page(
        members="seed: {type: number, description: x}\namount: {type: string, description: Any text.}"
    )
    result = draft(text, spec)
    drafted = members(spec)
    assert drafted["seed"]["x-holds"] == "seed"
    assert "x-holds" not in drafted["amount"]
    (todo,) = todos(result)
    assert todo.startswith("amount: `x-holds` was left out: a count must be an integer")


def test_colour_of_a_mask_is_to_do(spec: Path) -> None:
    mask = "mask_url: {type: string, description: 'Accepted: image/png. Maximum size: 10MB.'}"
    assert todos(draft(page(members=mask), spec)) == [
        "input.mask_url: add `repaints` to x-image when the colour that the service repaints is known"
    ]


def test_many_written_files_are_counted(spec: Path) -> None:
    path, out = spec.parent / "page.md", spec.parent / "out"
    path.write_text(page(), encoding="utf-8")
    files = [out / f"{number}.py" for number in range(31)]
    result = call_command(
        lambda: draft_page_models(str(path), spec, lambda _: {}, lambda _: files, spec.parent)
    )
    assert [row for row in result.out.splitlines() if row.startswith("written: ")] == [
        f"written: {spec / source.OPENAPI}",
        f"written: 31 files in {out}",
    ]


@pytest.mark.parametrize(("words", "findings"), [("3 to 5", 0), ("4 to 5", 1), ("1 to 9", 0)])
def test_range_of_options_that_are_numbers_is_compared_with_them(
    words: str, findings: int, spec: Path
) -> None:
    text = page(members=f"length: {{type: string, enum: ['3', '5'], description: 'Range: {words}'}}")
    assert draft(text, spec).out.count("(minimum-only-in-docs)") == findings
