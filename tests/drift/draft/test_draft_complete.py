"""A draft takes everything that its page states, or prints it with its line."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from generator.contract import source
from generator.drift.compare.compare_page import compare_page
from generator.drift.read.page import read_page
from generator.drift.read.words.typography import plain_typography
from generator.drift.state.known_drift import KNOWN_DRIFT_FILE, read_known_drift
from tests.drift.command import CASES
from tests.drift.draft.drafting import PROMPT, draft, draft_path, members, page, todos
from tests.generator.edits import SPEC

FORMS = ["reference", "en-tables", "en-openapi-31", "zh-bold-names", "zh-openapi-30", "words-like-fields"]


@pytest.fixture
def edit_spec(tmp_path: Path) -> Path:
    """Copy the spec of the model that the cases are about."""
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


def texts(node: Any) -> str:
    """Return all descriptions of a document in one text."""
    if isinstance(node, list):
        return "\n".join(map(texts, node))
    if not isinstance(node, dict):
        return ""
    return "\n".join([str(node.get("description", "")), *map(texts, node.values())])


@pytest.mark.parametrize("name", FORMS)
def test_every_statement_is_in_the_spec_or_printed_with_its_line(name: str, edit_spec: Path) -> None:
    text = (CASES / name / "page.md").read_text(encoding="utf-8").replace("character-edit", "lamp")
    shutil.rmtree(edit_spec / "docs-facts")  # its sentences would count as read
    result = draft(text, edit_spec)
    facts = read_page(text, "page.md")
    drafted = source.read_spec(edit_spec).openapi
    report = compare_page(facts, drafted, read_known_drift(edit_spec / KNOWN_DRIFT_FILE))
    printed = {int(line) for line in re.findall(r"page\.md:(\d+)", result.out + result.err)}
    described = plain_typography(texts(drafted.data))
    missed = [
        f"{statement.line}: {statement.quote}"
        for statement in facts.statements
        if not str(report.verdict_by_id[id(statement)].verdict).startswith("same")
        and statement.line not in printed
        and plain_typography(statement.quote) not in described
        and statement.part not in ("header", "code", "sample")
        and statement.key not in ("heading", "example")
    ]
    assert missed == []


def test_sentence_outside_the_fields_is_printed_to_be_read(spec: Path) -> None:
    result = draft(f"{page()}\nAll images together use at most 7 units.\n<Card title='More'>\n", spec)
    rows = [row for row in result.out.splitlines() if row.startswith("to read: ")]
    assert len(rows) == 1
    assert re.fullmatch(r"to read: .*page\.md:\d+: All images together use at most 7 units\.", rows[0])


def test_sentence_of_a_recorded_page_is_not_printed_again(edit_spec: Path) -> None:
    text = (CASES / "reference" / "page.md").read_text(encoding="utf-8").replace("character-edit", "lamp")
    assert "to read: " not in draft(text, edit_spec).out


def test_sentence_of_a_long_description_has_its_line(spec: Path) -> None:
    rules = "".join(f"        - **Rule {number}**: counts `{number}` units.\n" for number in range(80))
    text = page().replace("    post:\n", f"    post:\n      description: |\n{rules}")
    rows = re.findall(r"page\.md:(\d+): Rule (\d+): ", draft(text, spec).out)
    assert len(rows) == 80
    lines = text.splitlines()
    assert all(f"**Rule {number}**" in lines[int(line) - 1] for line, number in rows)


IMAGES = """
image_url: {type: string, description: "Accepted: image/png. Maximum size: 10MB."}
image_urls: {type: array, items: {type: string}, description: "Accepted: image/png. Maximum size: 10MB."}
end_image_url: {type: string, description: "Accepted: image/png. Maximum size: 10MB."}
mask_url: {type: string, description: "Accepted: image/png. Maximum size: 10MB."}
mask: {type: string, description: A word.}
"""


def test_each_image_of_a_page_has_its_own_role_and_argument(spec: Path) -> None:
    result = draft(page(members=IMAGES), spec)
    (todo,) = todos(result)
    assert (result.code, todo.partition(":")[0]) == (0, "input.mask_url")
    found = {
        name: (member["x-image"]["role"], member["x-image"].get("argument"))
        for name, member in members(spec).items()
        if "x-image" in member
    }
    assert found == {
        "image_url": ("picture", None),
        "image_urls": ("source", "images"),
        "end_image_url": ("end", None),
        "mask_url": ("mask", "mask_file"),
    }
    model = source.read_spec(spec).contract.api.models["lamp/shade-1"]
    assert [image.argument for image in model.images] == ["image", "images", "end", "mask_file"]


def test_image_in_a_list_of_objects_is_a_url_with_a_to_do(spec: Path) -> None:
    item = '{image_url: {type: string, description: "Accepted: image/png. Maximum size: 10MB."}}'
    field = f"shots: {{type: array, description: Shots., items: {{type: object, properties: {item}}}}}"
    result = draft(page(members=field), spec)
    assert result.code == 0
    assert [row.partition(";")[0].partition(" (")[0] for row in todos(result)] == [
        "input.shots[].image_url: this is in a list, so it is a plain URL and the client does not check it"
    ]


OTHER_PARTS = [
    ("nullable: true", "`nullable: true` of input.prompt was not read"),
    ("readOnly: true", "`readOnly: true` of input.prompt was not read"),
    ("x-unit: cm", '`x-unit: "cm"` of input.prompt was not read'),
    ("not: {const: a}", '`not: {"const": "a"}` of input.prompt was not read'),
]


@pytest.mark.parametrize(("keyword", "warning"), OTHER_PARTS, ids=[keyword for keyword, _ in OTHER_PARTS])
def test_unknown_member_of_a_field_is_a_warning_with_its_line(keyword: str, warning: str, spec: Path) -> None:
    text = page(members=f"prompt: {{type: string, description: Words., {keyword}}}")
    result = draft(text, spec)
    (row,) = [row for row in result.err.splitlines() if warning in row]
    line = int(row.split(":")[1])
    assert keyword.partition(":")[0] in text.splitlines()[line - 1]


# A page, or an argument, and the end of its only complaint.
ERRORS = {
    "no file": ("missing.md", "expected a file, a folder, `-` or an https address (page-missing)"),
    "another host": ("https://example.com/page.md", "(page-url)"),
    "an empty folder": ("empty", "expected files with the ending .md (page-missing)"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_source_that_is_not_a_page_is_one_error_and_nothing_is_written(name: str, spec: Path) -> None:
    (spec.parent / "empty").mkdir()
    given, complaint = ERRORS[name]
    before = (spec / source.OPENAPI).read_bytes()
    result = draft_path(given if "://" in given else str(spec.parent / given), spec)
    assert (result.out, result.code) == ("", 2)
    assert result.err.endswith(f"{complaint}\n")
    assert len(result.err.splitlines()) == 1
    assert (spec / source.OPENAPI).read_bytes() == before


def test_folder_in_which_no_page_can_be_drafted_writes_nothing(spec: Path) -> None:
    folder = spec.parent / "pages"
    folder.mkdir()
    (folder / "a.md").write_text("<html></html>", encoding="utf-8")
    (folder / "b.md").write_text(page("lamp/bulb"), encoding="utf-8")
    before = (spec / source.OPENAPI).read_bytes()
    result = draft_path(folder, spec)
    assert (result.code, result.out) == (1, "nothing changed\n")
    assert [row.rpartition(" ")[2] for row in result.err.splitlines()] == ["(page-html)", "(draft-known)"]
    assert (spec / source.OPENAPI).read_bytes() == before


def test_two_pages_of_one_model_in_a_folder_are_drafted_once(spec: Path) -> None:
    folder = spec.parent / "pages"
    folder.mkdir()
    for name in ("a.md", "b.md"):
        (folder / name).write_text(page("lamp/one", PROMPT), encoding="utf-8")
    result = draft_path(folder, spec)
    assert result.code == 1
    assert result.out.splitlines()[0].endswith("a.md: lamp/one, resource one")
    assert "the spec already has 'lamp/one'" in result.err


def test_invalid_spec_is_named_and_nothing_is_drafted(spec: Path) -> None:
    path = spec / source.OPENAPI
    path.write_text(
        path.read_text(encoding="utf-8").replace("additionalProperties:", "additionalPropertys:"),
        encoding="utf-8",
    )
    before = path.read_bytes()
    result = draft(page(), spec)
    assert (result.code, result.out) == (2, "")
    assert f"{path}:" in result.err
    assert path.read_bytes() == before


def test_failed_write_of_the_package_restores_the_spec(spec: Path) -> None:
    from generator.drift.commands import draft_page_models
    from tests.drift.command import call_command

    def fail(files: dict[str, str]) -> list[Path]:
        raise OSError(28, "No space left on device")

    path = spec.parent / "page.md"
    path.write_text(page(), encoding="utf-8")
    before = (spec / source.OPENAPI).read_bytes()
    unfinished = spec.parent / "unfinished"
    result = call_command(lambda: draft_page_models(str(path), spec, lambda _: {}, fail, unfinished))
    assert (result.code, result.out) == (2, "")
    assert "No space left on device; the old files were restored" in result.err
    assert (spec / source.OPENAPI).read_bytes() == before
