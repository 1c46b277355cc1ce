"""`reconcile` edits the table of facts of the tests with the values of the page."""

import difflib
import shutil
from datetime import date
from pathlib import Path

import pytest

from generator.contract import source
from generator.drift.apply.field_names import NameChanges
from generator.drift.commands import NO_NAMES, reconcile_pages
from tests.drift.command import Result, call_command, command
from tests.drift.edits.test_reconcile import PAGE
from tests.generator.edits import SPEC

TABLE = """\
# Facts that tests read.
models:
  other/model:
    fields:
      input.style: {type: string, enum: &styles [AUTO, REALISTIC, FICTION]}
  ideogram/character-edit:
    fields:
      input.prompt: {type: string, maxLength: 5000}
      # The two have the same size.
      input.image_url: {type: string, image: {max-bytes: 10000000, same-size-as: mask_url}}
      input.reference_image_urls: {type: array, image: {max-total-bytes: 10000000}}
      input.reference_image_urls[0]: {refuses: {type: [7]}}
      input.style:
        type: string
        enum: *styles
        default: AUTO
        refuses: {enum: [auto, DESIGN]}
      input.num_images: {type: string, enum: ['1', '2', '3', '4'], given: '4', accepts: ['4', '1']}
      # Any whole number.
      input.seed: {argument: seed, type: integer, accepts: [0, -1], refuses: {type: ['1']}}

# The codes.
codes:
  433: {meaning: limit}
  455: {meaning: maintenance}
"""
SEED_ROW = "input.seed: {argument: seed, type: integer, accepts: [0, -1], refuses: {type: ['1']}}"
SHARED = "input.style: {{type: string, enum: {}[AUTO, REALISTIC, FICTION]}}"
SEED = "#### input.seed\n\n**类型**: `integer`\n**必需**: 否\n\n随机数生成器的种子值。\n"
NEW = (
    "#### input.size\n\n**类型**: `enum<string>`\n**必需**: 否\n**默认值**: `a`\n\n"
    "**可用选项**:\n*   `a`\n*   `b`\n\n"
)
# What changes on the page → the old text, the new text, and the lines that the table loses and gains.
EDITS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "limit": (
        "5000 字符",
        "4000 字符",
        ["input.prompt: {type: string, maxLength: 5000}"],
        ["input.prompt: {type: string, maxLength: 4000}"],
    ),
    "limit that a value of the tests breaks": (
        "随机数生成器的种子值。",
        "随机数生成器的种子值。\n\n**最小值**: 0",
        [SEED_ROW],
        [SEED_ROW.replace("[0, -1]", "[0]").replace("['1']}", "['1'], minimum: [-1]}, minimum: 0")],
    ),
    "limit of images": (
        "10MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        "20MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        ["input.reference_image_urls: {type: array, image: {max-total-bytes: 10000000}}"],
        ["input.reference_image_urls: {type: array, image: {max-total-bytes: 20000000}}"],
    ),
    "default": ("**默认值**: `AUTO`", "**默认值**: `FICTION`", ["default: AUTO"], ["default: FICTION"]),
    # The list of the other model stays, and an option leaves the refused values.
    "option": (
        "*   `FICTION`",
        "*   `FICTION`\n*   `DESIGN`",
        [SHARED.format("&styles "), "enum: *styles", "refuses: {enum: [auto, DESIGN]}"],
        [SHARED.format(""), "enum: [AUTO, REALISTIC, FICTION, DESIGN]", "refuses: {enum: [auto]}"],
    ),
    "code": (
        "*   `455`",
        "*   `451`: 无\n*   `455`",
        [],
        ["451: {name: CODE_451, exception: Code451Error, meaning: 无, create: unknown, charged: unclear}"],
    ),
    "field": (
        "#### input.seed\n",
        f"{NEW}#### input.seed\n",
        [],
        ["input.size: {argument: size, type: string, enum: [a, b], default: a, recorded: false}"],
    ),
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Copy the spec, and declare a table of facts next to it."""
    folder = Path(shutil.copytree(SPEC, tmp_path / "spec"))
    known = folder / "known-drift.yaml"
    known.write_text(f"facts-table: ../facts.yaml\n{known.read_text(encoding='utf-8')}", encoding="utf-8")
    (tmp_path / "facts.yaml").write_text(TABLE, encoding="utf-8")
    return folder


def reconcile(page: str, spec: Path, names: NameChanges = NO_NAMES) -> Result:
    path = spec.parent / "page.md"
    path.write_text(page, encoding="utf-8")
    pages, today = [str(path)], date(2026, 1, 31)
    return call_command(lambda: reconcile_pages(pages, spec, lambda _: {}, lambda _: [], today, names))


def delta(old: str, new: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    return [d[2:].strip() for d in lines if d[:1] == "-"], [d[2:].strip() for d in lines if d[:1] == "+"]


def changes(spec: Path) -> tuple[list[str], list[str]]:
    """Return the lines that the table lost and gained."""
    return delta(TABLE, (spec.parent / "facts.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("edit", EDITS)
def test_table_follows_an_edit_of_the_spec(edit: str, spec: Path) -> None:
    find, replace, lost, gained = EDITS[edit]
    assert find in PAGE
    result = reconcile(PAGE.replace(find, replace), spec)
    assert result.code == 0
    assert f"written: {spec.parent / 'facts.yaml'}\n" in result.out
    assert changes(spec) == (lost, gained)


def test_value_of_the_tests_that_became_invalid_is_to_do(spec: Path) -> None:
    result = reconcile(PAGE.replace("*   `3`\n*   `4`", "*   `3`"), spec)
    assert "`given` of the row 'input.num_images' is \"4\", which is not valid any more\n" in result.out
    assert result.code == 1
    (row,) = changes(spec)[1]
    assert row.endswith("enum: ['1', '2', '3'], given: '4', accepts: ['1'], refuses: {enum: ['4']}}")


def test_field_without_a_row_is_to_do(spec: Path) -> None:
    table = spec.parent / "facts.yaml"
    table.write_text(TABLE.replace("input.prompt:", "input.words:"), encoding="utf-8")
    result = reconcile(PAGE.replace("5000 字符", "4000 字符"), spec)
    assert (
        f"to do: {table}: the table has no row 'input.prompt' of this model; edit it by hand\n" in result.out
    )
    assert result.code == 1


def test_renamed_field_keeps_its_place_and_its_old_name(spec: Path) -> None:
    page = PAGE.replace("input.seed", "input.noise").replace("#### input.seed", "#### input.noise")
    first = reconcile(page, spec)
    assert "not edited: it may be another name of 'input.seed'\n" in first.out
    asked = "to decide: run it again with --rename input.seed=input.noise or --remove input.seed\n"
    assert asked in first.out
    assert changes(spec) == ([], [])
    result = reconcile(page, spec, NameChanges({"input.seed": "input.noise"}, ()))
    assert (result.code, changes(spec)) == (
        0,
        (
            [SEED_ROW],
            [SEED_ROW.replace("seed", "noise").replace("]}}", "]}, former: [seed]}")],
        ),
    )
    openapi = (spec / source.OPENAPI).read_text(encoding="utf-8")
    lost, gained = delta((SPEC / source.OPENAPI).read_text(encoding="utf-8"), openapi)
    assert (lost[0], gained[:2]) == ("seed:", ["noise:", "x-former-names: [seed]"])
    assert command("drift", "--spec", str(spec)).out == "the page and the spec agree\n"


def test_renamed_image_keeps_its_partner(spec: Path) -> None:
    page = PAGE.replace("mask_url", "area_url")
    result = reconcile(page, spec, NameChanges({"input.mask_url": "input.area_url"}, ()))
    assert "edited: input.mask_url: renamed to input.area_url\n" in result.out
    openapi = source.read_spec(spec).openapi.data
    schema = openapi["components"]["schemas"]["CharacterEditInput"]
    assert "area_url" in schema["required"]
    assert schema["properties"]["image_url"]["x-image"]["same-size-as"] == "area_url"
    assert "mask_url" not in str(openapi["paths"])


def test_removed_field_is_read_in_recordings_no_more(spec: Path) -> None:
    assert SEED in PAGE
    result = reconcile(PAGE.replace(SEED, ""), spec, NameChanges({}, ("input.seed",)))
    assert (result.code, changes(spec)) == (
        0,
        (
            [
                "# Any whole number.",
                SEED_ROW,
            ],
            ["removed: [input.seed]"],
        ),
    )
    openapi = source.read_spec(spec).openapi.data
    schema = openapi["components"]["schemas"]["CharacterEditInput"]
    assert schema["x-removed-names"] == ["seed"]
    assert "seed" not in schema["properties"]


# The change of a name → what contradicts it.
CONTRADICTIONS: dict[str, tuple[NameChanges, str]] = {
    "still there": (NameChanges({}, ("input.seed",)), "the page still has the field 'input.seed'"),
    "unknown": (
        NameChanges({}, ("input.sead",)),
        "'input.sead' is not a field of ideogram/character-edit in the spec; did you mean 'input.seed'?",
    ),
    "no new field": (NameChanges({"input.seed": "input.noise"}, ()), "the page has no field 'input.noise'"),
    "known": (
        NameChanges({"input.seed": "input.style"}, ()),
        "'input.seed' cannot become 'input.style', which must be a new member of the same object",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_name_that_page_or_spec_contradicts_exits_2(case: str, spec: Path) -> None:
    names, message = CONTRADICTIONS[case]
    result = reconcile(PAGE, spec, names)
    assert (result.code, result.out, changes(spec)) == (2, "", ([], []))
    assert f"{spec / source.OPENAPI}: error: {message}" in result.err


def test_field_that_the_price_needs_cannot_be_removed(spec: Path) -> None:
    start = PAGE.index("#### input.num_images")
    page = PAGE[:start] + PAGE[PAGE.index("#### ", start + 5) :]
    result = reconcile(page, spec, NameChanges({}, ("input.num_images",)))
    assert (result.code, changes(spec)) == (2, ([], []))
    assert f"{spec / source.OPENAPI}: error: input.num_images: removed the field: " in result.err


# What is wrong with the table → its text, and the complaint.
BAD_TABLES = {
    "missing": (None, "cannot be read: No such file or directory"),
    "no YAML": ("models: [", "the YAML is not valid: "),
    "no models": ("codes: {}\n", "expected a mapping `models` with the rows of each model"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_table_exits_2_and_changes_nothing(case: str, spec: Path) -> None:
    text, message = BAD_TABLES[case]
    table = spec.parent / "facts.yaml"
    table.unlink() if text is None else table.write_text(text, encoding="utf-8")
    before = (spec / source.OPENAPI).read_bytes()
    result = reconcile(PAGE.replace("5000 字符", "4000 字符"), spec)
    assert (result.code, (spec / source.OPENAPI).read_bytes()) == (2, before)
    assert result.err.startswith(str(table))
    assert f"error: {message}" in result.err
    assert result.err.endswith("(facts-table)\n")


def test_option_without_a_new_name_exits_2() -> None:
    result = command("reconcile", "page.md", "--rename", "input.seed")
    assert (result.code, "'input.seed' is not of the form OLD=NEW" in result.err) == (2, True)
