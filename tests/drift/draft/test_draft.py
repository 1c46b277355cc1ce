"""`draft` makes a valid entry of each page in the forms of the Market, and names what is left."""

import json
import shutil
import subprocess
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
import yaml

from generator.contract import source
from generator.diagnostics import Diagnostic, InputError
from generator.drift.apply.draft.result_media import guess_result_media
from tests.drift.command import command
from tests.drift.draft.drafting import LAMP_SPEC, draft, draft_path, faults, members, page, schemas, todos


def test_values_that_yaml_reads_otherwise_stay_texts(spec: Path) -> None:
    options = ["1:1", "16:9", "no", "on", "1e3", "012", "2026-01-31", "null"]
    text = page(
        members=f"ratio:\n  type: string\n  description: \"1:1\"\n  default: '16:9'\n  enum: {options!r}"
    )
    assert draft(text, spec).code == 0
    ratio = members(spec)["ratio"]
    assert (ratio["enum"], ratio["default"], ratio["description"]) == (options, "16:9", "1:1")


FILE = """
picture_url: {type: string, description: "Accepted: image/png, image/jpeg. Maximum size: 10MB."}
video_url: {type: string, description: "Accepted: video/mp4. Maximum size: 50MB."}
sound_url: {type: string, description: "最大 50MB"}
"""


@pytest.mark.parametrize(
    ("model", "types"),
    [
        ("a/image-to-video", ["video/mp4", "video/*"]),
        ("a/speech-to-video/turbo", ["video/mp4", "video/*"]),
        ("a/text-to-dialogue", ["audio/mpeg", "audio/*"]),
        ("a/video-to-image", None),
        ("a/plain", None),
    ],
)
def test_the_name_of_a_model_decides_the_media_of_its_results(model: str, types: list[str] | None) -> None:
    media = guess_result_media(model, {"x-media": {"max-bytes": 5}})
    assert media == (types and {"types": types, "max-bytes": 5})


def test_guessed_media_are_written_with_a_to_do(spec: Path) -> None:
    result = draft(page("a/image-to-video"), spec)
    media = source.read_spec(spec).contract.api.models["a/image-to-video"].media
    assert media
    assert media.types == ("video/mp4", "video/*")
    assert "check x-media: by the name of the model, its results are video/*" in result.out


def test_only_a_file_with_types_and_size_gets_x_image_or_x_file(spec: Path) -> None:
    result = draft(page(members=FILE), spec)
    assert result.code == 0
    found = members(spec)
    assert {name for name in found if "x-image" in found[name]} == {"picture_url"}
    assert found["video_url"]["x-file"] == {"media-types": ["video/mp4"], "max-bytes": 50_000_000}
    assert "x-file" not in found["sound_url"]
    assert [row.partition(";")[0] for row in todos(result)] == [
        "input.sound_url: the page states maxBytes 50000000",
    ]
    assert all(row.endswith(")") and "page.md:" in row for row in todos(result))


def test_option_in_list_and_sentence_is_written_once(spec: Path) -> None:
    field = "level: {type: string, enum: [none, regular], description: \"可选值：'none'、'regular'\"}"
    assert draft(page(members=field), spec).code == 0
    assert members(spec)["level"]["enum"] == ["none", "regular"]


def test_option_of_a_sentence_only_is_a_to_do(spec: Path) -> None:
    field = "level: {type: string, enum: [none, regular], description: 'Options: none, strong.'}"
    result = draft(page(members=field), spec)
    assert members(spec)["level"]["enum"] == ["none", "regular"]
    assert "a sentence has the option 'strong', which the list does not have" in todos(result)[0]


# Each field of a page, and what a draft makes of it.
FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("{type: string, description: 'Default value: 16:9'}", {"default": "16:9"}),
    ("{type: number, enum: [0, 0.5, 1], description: x}", {"enum": [0, 0.5, 1]}),
    ("{type: integer, enum: ['5', '10'], description: x}", {"enum": [5, 10]}),
    ("{type: string, enum: [5, 10], description: x}", {"enum": ["5", "10"]}),
    ("{type: boolean, enum: [true, false], description: x}", {"type": "boolean"}),
    ("{type: string, description: '最多 5\u2009000 字符'}", {"maxLength": 5000}),
    ("{type: string, description: '最多 5 000 字符'}", {"maxLength": 5000}),
    ("{type: string, description: '最多&nbsp;\uff15\uff10\uff10\uff10 字符'}", {"maxLength": 5000}),
    ("{type: string, maxLength: 9, minimum: 3, description: x}", {"maxLength": 9}),
    (
        "{type: array, items: {type: string, enum: [a, b], maxLength: 3}, description: x}",
        {"type": "array"},
    ),
    ("{type: string, enum: [A, a, '16:9', '16-9', -1, '图'], description: x}", {"type": "string"}),
]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Draft one page with all `FIELDS`, and return its members."""
    spec = Path(shutil.copytree(LAMP_SPEC, tmp_path_factory.mktemp("fields") / "spec"))
    text = "".join(
        f"field_{letter}: {field}\n" for letter, (field, _) in zip(ascii_lowercase, FIELDS, strict=False)
    )
    result = draft(page(members=text), spec)
    assert (result.code, todos(result)) == (0, [])
    return members(spec)


@pytest.mark.parametrize(
    ("letter", "written"),
    [(letter, written) for letter, (_, written) in zip(ascii_lowercase, FIELDS, strict=False)],
    ids=[field for field, _ in FIELDS],
)
def test_field_is_written_as_the_page_means_it(
    letter: str, written: dict[str, Any], drafted: dict[str, Any]
) -> None:
    found = drafted[f"field_{letter}"]
    assert {key: found[key] for key in written} == written
    assert "minimum" not in found


def test_options_of_list_items_are_checked(spec: Path) -> None:
    field = "tags: {type: array, items: {type: string, enum: [a, b]}, description: x}"
    assert draft(page(members=field), spec).code == 0
    body = {"model": "lamp/shade-1", "input": {"tags": ["a", "c"]}}
    assert faults(spec, "lamp/shade-1", body) == ["input.tags[1]: enum"]


def test_description_keeps_the_words_of_a_limit(spec: Path) -> None:
    assert draft(page(), spec).code == 0
    prompt = members(spec)["prompt"]
    assert (prompt["description"], prompt["maxLength"]) == ("What to show, up to 500 characters.", 500)


def test_page_without_callback_gives_a_model_without_it(spec: Path) -> None:
    assert draft(page(callback=False), spec).code == 0
    assert list(members(spec, "Shade1Request")) == ["model", "input"]


NESTED = """
camera:
  type: object
  description: Where the camera is.
  required: [distance]
  properties:
    distance: {type: number, minimum: 0, description: In metres.}
shots:
  type: array
  minItems: 1
  description: The shots.
  items:
    type: object
    required: [text]
    properties:
      text: {type: string, maxLength: 5, description: What happens.}
      colours:
        type: array
        description: Colours.
        items: {type: object, properties: {hex: {type: string, enum: ['#fff', '#000'], description: Code.}}}
extra: {type: object, description: Anything.}
grid: {type: array, description: Rows., items: {type: array, items: {type: integer}}}
"""


def test_nested_objects_become_named_schemas_and_are_checked(spec: Path) -> None:
    result = draft(page(members=NESTED), spec)
    assert (result.code, todos(result)) == (0, [])
    assert [name for name in schemas(spec) if name.startswith("Shade1")] == [
        "Shade1Request",
        "Shade1Input",
        "Shade1InputCamera",
        "Shade1InputShots",
        "Shade1InputShotsColours",
        "Shade1InputExtra",
    ]
    body = {
        "model": "lamp/shade-1",
        "input": {
            "camera": {},
            "shots": [{"text": "longer", "colours": [{"hex": "#abc"}]}, {"typo": 1}],
            "extra": {"any": 1},
            "grid": [[1, 2], ["x"]],
        },
    }
    assert faults(spec, "lamp/shade-1", body) == [
        "input.camera.distance: required",
        "input.shots[0].text: maxLength",
        "input.shots[0].colours[0].hex: enum",
        "input.shots[1].text: required",
        "input.shots[1].typo: additionalProperties",
        "input.grid[1][0]: type",
    ]


def test_drift_finds_a_change_in_a_list_of_objects(spec: Path) -> None:
    draft(page(members=NESTED), spec)
    path = spec.parent / "changed.md"
    path.write_text(page(members=NESTED.replace("maxLength: 5", "maxLength: 6")), encoding="utf-8")
    findings = json.loads(command("drift", str(path), "--json", "--spec", str(spec)).out)["findings"]
    assert [(f["id"], f["path"]) for f in findings if f["path"].startswith("input")] == [
        ("max-length-changed", "input.shots[].text")
    ]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_every_alternative_of_the_input_is_read(keyword: str, spec: Path) -> None:
    alternatives: list[Any] = [
        {"properties": {name: {"type": "string", "description": "x"} for name in names}, "required": names}
        for names in (["prompt", "image"], ["prompt", "video"])
    ]
    extra: dict[str, Any] = {keyword: alternatives}
    result = draft(page(members="", **extra), spec)
    assert result.code == 0
    assert list(members(spec)) == ["prompt", "image", "video"]
    assert schemas(spec)["Shade1Input"]["required"] == ["prompt"]
    assert f"the 2 alternatives of {keyword} were read as one" in result.err


def test_all_of_the_input_is_read(spec: Path) -> None:
    parts = [
        {"properties": {"prompt": {"type": "string", "description": "x"}}, "required": ["prompt"]},
        {"properties": {"seed": {"type": "integer", "description": "x"}}},
    ]
    assert draft(page(members="", allOf=parts), spec).code == 0
    assert list(members(spec)) == ["prompt", "seed"]


def line_of(text: str, words: str) -> int:
    return next(number for number, row in enumerate(text.splitlines(), 1) if words in row)


def test_sample_that_the_page_contradicts_is_named_with_both_places(spec: Path) -> None:
    text = page(members="voice: {type: string, enum: [Ada, Bea], description: x}", sample={"voice": "Cid"})
    result = draft(text, spec)
    places = (
        f"{spec.parent}/page.md:{line_of(text, 'voice: Cid')}, {spec.parent}/page.md:{line_of(text, '- Ada')}"
    )
    expected = f"input.voice: the page's own sample is refused: 'Cid' is not one of ['Ada', 'Bea'] ({places})"
    assert (result.code, todos(result)) == (0, [expected])


def test_default_that_the_page_contradicts_is_left_out(spec: Path) -> None:
    result = draft(page(members="size: {type: string, enum: [S, M], default: XL, description: x}"), spec)
    assert result.code == 0
    assert "default" not in members(spec)["size"]
    assert 'the default "XL" contradicts enum ["S", "M"], so this default was left out' in todos(result)[0]


def test_limit_of_a_sentence_gives_way_to_the_default(spec: Path) -> None:
    field = "share: {type: number, default: 0.35, description: '范围 0 - 1，步长 0.1'}"
    result = draft(page(members=field), spec)
    assert members(spec)["share"]["default"] == 0.35
    assert "multipleOf" not in members(spec)["share"]
    assert "the default 0.35 contradicts multipleOf 0.1 of a sentence, which was left out" in todos(result)[0]


def test_second_name_of_the_model_is_named_with_both_places(spec: Path) -> None:
    text = page(sample={"prompt": "x"}).replace("    example:\n            model: lamp/shade-1", "@")
    head, _, tail = page(sample={"prompt": "x"}).rpartition("lamp/shade-1")
    text = f"{head}lamp/shade-2{tail}"
    result = draft(text, spec)
    assert result.code == 0
    assert todos(result)[0].startswith(
        "model: the page names 'lamp/shade-1' and 'lamp/shade-2'; 'lamp/shade-1' was written ("
    )
    assert f"page.md:{line_of(text, 'lamp/shade-2')})" in todos(result)[0]


def test_draft_prints_what_drift_then_finds(spec: Path) -> None:
    field = "clip: {type: string, description: 'Accepted: video/mp4.'}"
    result = draft(page(members=field), spec)
    drift = command("drift", str(spec.parent / "page.md"), "--spec", str(spec)).out
    assert "differs: " in result.out
    rows = [row.removeprefix("differs: ") for row in result.out.splitlines()]
    assert [row for row in drift.splitlines() if row not in rows] == []


def commit(spec: Path) -> None:
    git = ["git", "-C", str(spec), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "spec"]):
        subprocess.run([*git, *words], check=True)


def test_drafts_and_edits_of_them_may_follow_without_commit(spec: Path) -> None:
    commit(spec)
    assert draft(page("lamp/one"), spec).code == 0
    path = spec / source.OPENAPI
    path.write_text(
        path.read_text(encoding="utf-8").replace("A task of lamp/one.", "Mine."), encoding="utf-8"
    )
    assert draft(page("lamp/two"), spec).code == 0
    assert "Mine." in path.read_text(encoding="utf-8")


def test_draft_after_another_uncommitted_change_exits_2(spec: Path) -> None:
    commit(spec)
    path = spec / source.OPENAPI
    path.write_text(
        path.read_text(encoding="utf-8").replace("maxLength: 1000", "maxLength: 999"), encoding="utf-8"
    )
    result = draft(page(), spec)
    assert (result.code, "(reconcile-dirty)" in result.err) == (2, True)


def test_folder_is_drafted_into_one_spec_and_bad_pages_are_named(spec: Path) -> None:
    folder = spec.parent / "pages"
    folder.mkdir()
    for name, text in {
        "a.md": page("lamp/one"),
        "b.md": "<html></html>",
        "c.md": page("lamp/two"),
        "d.md": page("lamp/bulb"),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    result = draft_path(folder, spec)
    assert result.code == 1
    assert {"OneRequest", "TwoRequest"} <= set(schemas(spec))
    assert "b.md:1:1: error: the page is HTML" in result.err
    assert "(draft-known)" in result.err


def test_entry_that_is_not_valid_is_written_to_a_file(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(openapi: Any) -> None:
        raise InputError(
            [Diagnostic(openapi.locate("components", "schemas", "Shade1Input"), "refused", "wire")]
        )

    monkeypatch.setattr("generator.drift.apply.draft.pages.typed_models", refuse)
    before = (spec / source.OPENAPI).read_bytes()
    result = draft(page(), spec)
    assert result.code == 1
    assert (spec / source.OPENAPI).read_bytes() == before
    entry = (spec.parent / "unfinished" / "shade_1.yaml").read_text(encoding="utf-8")
    assert "# - at `Shade1Input:`: refused (wire)\n" in entry
    assert list(yaml.load(entry, Loader=yaml.CSafeLoader)["components"]["schemas"]) == [
        "Shade1Request",
        "Shade1Input",
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (page().replace("createTask", "otherTask"), "page-other-endpoint"),
        ("<!doctype html>", "page-html"),
        (page("lamp/bulb"), "draft-known"),
        (page() + page("lamp/other"), "page-two-models"),
    ],
)
def test_bad_page_gives_one_located_error_and_writes_nothing(text: str, rule: str, spec: Path) -> None:
    before = (spec / source.OPENAPI).read_bytes()
    result = draft(text, spec)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert f"({rule})" in result.err
    assert result.err.partition(": error: ")[0].count(":") == 2
    assert (spec / source.OPENAPI).read_bytes() == before
