"""A page taken over: the obvious edits, nothing else, and never a damaged spec."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml.comments import CommentedMap

from generator import __main__ as line
from generator.contract import source
from generator.drift.apply.yaml_edit import YamlText, flow, put_after, put_item
from tests.drift.command import Result, command
from tests.generator.edits import SPEC

PAGE = (Path(__file__).parent / "cases" / "reference" / "page.md").read_text(encoding="utf-8")
# What is changed on the page → the lines that the spec loses and gains.
EDITS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "a limit": ("5000 字符", "4000 字符", ["maxLength: 5000"], ["maxLength: 4000"]),
    "a new limit": (
        "随机数生成器的种子值。",
        "随机数生成器的种子值。\n\n**最小值**: 0",
        [],
        ["minimum: 0"],
    ),
    "the size of a picture": (
        "10MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        "20MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        ["max-total-bytes: 10000000"],
        ["max-total-bytes: 20000000"],
    ),
    "a default": ("**默认值**: `AUTO`", "**默认值**: `FICTION`", ["default: AUTO"], ["default: FICTION"]),
    "a new option": (
        "*   `FICTION`",
        "*   `FICTION`\n*   `DESIGN`",
        ["enum: [AUTO, REALISTIC, FICTION]"],
        ["enum: [AUTO, REALISTIC, FICTION, DESIGN]"],
    ),
    "another option": (
        "*   `FICTION`",
        "*   `DESIGN`",
        ["enum: [AUTO, REALISTIC, FICTION]"],
        ["enum: [AUTO, REALISTIC, DESIGN]"],
    ),
    "an option less": (
        "*   `3`\n*   `4`",
        "*   `3`",
        ["enum: ['1', '2', '3', '4']", "x-enum-varnames: [ONE, TWO, THREE, FOUR]"],
        ["enum: ['1', '2', '3']", "x-enum-varnames: [ONE, TWO, THREE]"],
    ),
    "a new code": (
        "*   `455`",
        "*   `451`: 不可用\n*   `455`",
        ["enum: [200, 400, 401, 402, 404, 408, 422, 429, 433, 455, 500, 501, 505]"],
        [
            "enum: [200, 400, 401, 402, 404, 408, 422, 429, 433, 451, 455, 500, 501, 505]",
            "- CODE_451",
            "'451':",
            "meaning: 不可用",
            "exception: Code451Error",
            "create: unknown",
            "charged: unclear",
        ],
    ),
    "a new field": (
        "#### input.seed\n",
        """#### input.size

**类型**: `enum<string>`
**默认值**: `a`
**必需**: 否

尺寸。

**可用选项**:
*   `a`
*   `b`

#### input.seed
""",
        [],
        ["size:", "type: string", "description: 尺寸。", "enum: [a, b]", "default: a"],
    ),
}
# What no edit can decide, with the finding that is left.
DECISIONS = {
    "type-changed": ("**类型**: `boolean`", "**类型**: `string`"),
    "required-changed": (
        "### input\n\n**类型**: `object`\n**必需**: 是",
        "### input\n\n**类型**: `object`\n**必需**: 否",
    ),
    "field-only-in-spec": (
        "#### input.seed\n\n**类型**: `integer`\n**必需**: 否\n\n随机数生成器的种子值。\n",
        "",
    ),
    "contradiction": ("文本提示词。\n", "文本提示词（最大长度：4000 字符）。\n"),
    "default-only-in-spec": ("**默认值**: `AUTO`\n", ""),
    "server-changed": ("https://api.kie.ai", "https://api2.kie.ai"),
    "path-changed": ("/api/v1/jobs", "/api/v2/jobs"),
    "method-changed": ("POST", "PUT"),
    "content-type-changed": ("application/json", "multipart/form-data"),
    "in-changed": ("**位置**: `header`", "**位置**: `query`"),
    "scheme-changed": ("Bearer", "Basic"),
    "field-only-in-docs": (
        "**位置**: `header`\n",
        "**位置**: `header`\n\n### X-Api-Key\n\n**类型**: `string`\n**必需**: 否\n",
    ),
    "code-only-in-spec": ("*   `505`: 功能禁用 - 当前请求的功能暂未开放\n", ""),
    # The price list of the spec names every speed.
    "option-only-in-docs": ("*   `TURBO`", "*   `TURBO`\n*   `FLASH`"),
}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the spec; the package is neither made nor written."""
    monkeypatch.setattr(line, "files", lambda source: {})
    monkeypatch.setattr(line, "write_files", lambda files, root: [])
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A copy of the spec beside a copy of the package."""
    shutil.copytree(line.OUT, tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


def take_over(page: str, spec: Path, what: str = "reconcile") -> Result:
    path = spec.parent / "page.md"
    path.write_text(page, encoding="utf-8")
    return command(what, str(path), "--spec", str(spec), "--out", str(spec.parent / "generated"))


def changes(spec: Path) -> tuple[list[str], list[str]]:
    """The lines that the spec lost and gained."""
    old = (SPEC / source.OPENAPI).read_text(encoding="utf-8").splitlines()
    new = (spec / source.OPENAPI).read_text(encoding="utf-8").splitlines()
    delta = list(difflib.ndiff(old, new))
    return [d[2:].strip() for d in delta if d[:1] == "-"], [d[2:].strip() for d in delta if d[:1] == "+"]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("what", EDITS)
def test_an_obvious_edit_changes_its_lines_only_and_settles_the_drift(what: str, spec: Path) -> None:
    find, replace, lost, gained = EDITS[what]
    assert find in PAGE
    taken = take_over(PAGE.replace(find, replace), spec)
    assert (taken.code, changes(spec)) == (0, (lost, gained))
    assert command("drift", "--spec", str(spec)).out == "page and spec are in step\n"


def test_all_at_once_they_give_a_current_package_and_the_second_time_changes_nothing(whole: Path) -> None:
    page = PAGE
    for what, (find, replace, *_) in EDITS.items():
        page = page.replace(find, replace) if what != "another option" else page  # or its default is none
    assert take_over(page, whole).code == 0
    assert command("check", "--spec", str(whole), "--out", str(whole.parent / "generated")).code == 0
    before = tree(whole.parent)
    again = take_over(page, whole)
    assert (again.code, again.out, tree(whole.parent)) == (0, "nothing changed\n", before)


@pytest.mark.parametrize("finding", DECISIONS)
def test_what_takes_judgement_is_left_as_a_decision(finding: str, spec: Path) -> None:
    find, replace = DECISIONS[finding]
    assert find in PAGE
    taken = take_over(PAGE.replace(find, replace), spec)
    assert taken.code == 1
    assert [
        row for row in taken.out.splitlines() if row.startswith("to decide") and row.endswith(f"({finding})")
    ]
    assert changes(spec) == ([], [])


def test_a_code_that_takes_anothers_place_is_added_and_the_other_left_to_decide(spec: Path) -> None:
    taken = take_over(PAGE.replace("`505`", "`506`"), spec)
    assert "exception: Code506Error" in changes(spec)[1]
    assert changes(spec)[0] == ["enum: [200, 400, 401, 402, 404, 408, 422, 429, 433, 455, 500, 501, 505]"]
    assert "the spec lists '505', the page does not (code-only-in-spec)" in taken.out


def test_an_edit_that_gives_no_whole_contract_tells_why_and_hinders_no_other(spec: Path) -> None:
    page = PAGE.replace("*   `TURBO`", "*   `TURBO`\n*   `FLASH`").replace("5000 字符", "4000 字符")
    taken = take_over(page, spec)
    assert "edited: input.prompt: maxLength is 4000, was 5000\n" in taken.out
    assert "not edited: the value 'FLASH' of 'rendering_speed' needs a price\n" in taken.out
    assert changes(spec) == (["maxLength: 5000"], ["maxLength: 4000"])


def test_the_recordings_stay_in_the_package(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec / source.RECORDINGS / "createTask").mkdir(parents=True)
    (spec / source.RECORDINGS / "createTask" / "one.har").write_text("{}", encoding="utf-8")
    packed: list[str] = []

    def files(contract: source.Source) -> dict[str, str]:
        packed.extend(contract.recordings)
        return {}

    monkeypatch.setattr(line, "files", files)
    assert take_over(PAGE.replace("5000 字符", "4000 字符"), spec).code == 0
    assert packed == ["createTask/one.har"]


def test_the_recorded_page_changes_nothing(spec: Path) -> None:
    before = tree(spec)
    taken = take_over(PAGE, spec)
    assert (taken.code, taken.out, tree(spec)) == (0, "nothing changed\n", before)


def test_a_change_of_words_goes_on_record_and_nowhere_else(spec: Path) -> None:
    taken = take_over(PAGE.replace("渲染速度。", "渲染的速度。"), spec)
    assert (taken.code, changes(spec)) == (0, ([], []))
    assert "渲染的速度。" in (spec / "docs-facts.yaml").read_text(encoding="utf-8")
    assert command("drift", "--spec", str(spec)).code == 0


def test_the_page_of_a_model_that_the_spec_lacks_leaves_the_record_alone(spec: Path) -> None:
    before = tree(spec)
    taken = take_over(PAGE.replace("character-edit", "character-remix"), spec)
    assert (taken.code, taken.out, tree(spec)) == (2, "", before)
    assert "`python -m generator draft PAGE` writes the entry of a new model (reconcile-model)" in taken.err


def test_new_sentences_are_listed_before_the_record_takes_them(spec: Path) -> None:
    rule = "种子值须为质数。"
    page = PAGE.replace("随机数生成器的种子值。", f"随机数生成器的种子值。{rule}").replace(
        "5000 字符", "4000 字符"
    )
    taken = take_over(page.replace("文本提示词。\n", "文本提示词。请勿写诗。\n"), spec)
    listed = [row for row in taken.out.splitlines() if row.startswith("to read: ")]
    assert len(listed) == 2
    assert [word for row, word in zip(listed, ("请勿写诗。", rule), strict=True) if word in row] == [
        "请勿写诗。",
        rule,
    ]
    assert taken.code == 0


def test_the_commands_to_go_on_with_renew_the_reference_too(spec: Path) -> None:
    taken = take_over(PAGE.replace("5000 字符", "4000 字符"), spec)
    assert taken.out.split("next:\n")[1].splitlines()[0] == "  make generate"


def test_a_spec_broken_by_hand_is_refused_and_left_alone(spec: Path) -> None:
    openapi = spec / source.OPENAPI
    openapi.write_text(
        openapi.read_text(encoding="utf-8").replace("maxLength:", "maxLenght:"), encoding="utf-8"
    )
    before = tree(spec.parent)
    taken = take_over(PAGE.replace("*   `FICTION`", "*   `DESIGN`"), spec)
    assert (taken.code, taken.out) == (2, "")
    assert f"{openapi}:" in taken.err
    assert "maxLenght" in taken.err
    (spec.parent / "page.md").unlink()
    assert tree(spec.parent) == before


def git(folder: Path, *words: str) -> None:
    found = shutil.which("git")
    assert found
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run([found, "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_a_spec_with_uncommitted_changes_is_refused_and_left_alone(spec: Path) -> None:
    git(spec.parent, "init", "--quiet")
    git(spec.parent, "add", "spec")
    git(spec.parent, "commit", "--quiet", "--message", "a clean spec")
    assert take_over(PAGE.replace("5000 字符", "4000 字符"), spec).code == 0
    before = tree(spec)
    taken = take_over(PAGE.replace("5000 字符", "3000 字符"), spec)
    assert taken.code == 2
    assert taken.err == (
        f"{spec}: error: git says these are changed: spec/docs-facts.yaml, spec/openapi.yaml; "
        "commit or undo them first (reconcile-dirty)\n"
    )
    assert tree(spec) == before
    assert take_over(PAGE.replace("5000 字符", "4000 字符"), spec).out == "nothing changed\n"


def test_when_writing_fails_the_spec_is_put_back_byte_for_byte(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(files: dict[str, str], root: Path) -> list[Path]:
        raise OSError("no space left on device")

    before = tree(spec)
    monkeypatch.setattr(line, "write_files", full)
    taken = take_over(PAGE.replace("5000 字符", "4000 字符"), spec)
    assert (taken.out, taken.code, tree(spec)) == ("", 2, before)
    assert taken.err == (
        f"{spec}: error: cannot be written, and is as it was: no space left on device (reconcile-write)\n"
    )


def test_a_draft_is_a_whole_contract_that_its_page_agrees_with(whole: Path) -> None:
    page, spec = PAGE.replace("character-edit", "character-remix"), whole
    drafted = take_over(page, spec, "draft")
    assert drafted.code == 0
    assert changes(spec)[0] == []
    assert "to do: CharacterRemixRequest: add x-price when the price list has the model\n" in drafted.out
    assert (spec.parent / "generated" / "kie_ideogram" / "resources" / "character_remix.py").exists()
    assert (
        command("drift", str(spec.parent / "page.md"), "--spec", str(spec)).out
        == "page and spec are in step\n"
    )
    assert command("drift", "--spec", str(spec)).code == 0


def test_a_draft_of_a_model_that_the_spec_has_is_refused(spec: Path) -> None:
    drafted = take_over(PAGE, spec, "draft")
    assert drafted.code == 2
    assert "the spec has 'ideogram/character-edit' already" in drafted.err


def test_a_draft_leaves_out_what_it_cannot_write_and_says_so(spec: Path) -> None:
    page = PAGE.replace("character-edit", "character-remix").replace(
        "**类型**: `boolean`", "**类型**: `object`"
    )
    assert "to do: input.expand_prompt: an object or a list of objects; write its schema by hand" in (
        take_over(page, spec, "draft").out
    )


def test_a_draft_of_a_model_with_two_pictures_leaves_the_second_to_people(spec: Path) -> None:
    second = "#### input.{}\n\n**类型**: `{}`\n**必需**: 否\n\n仅支持 1 张图像。最大文件大小：10.0MB。\n\n"
    fields = second.format("image_urls", "string<uri>[]") + second.format("reference_urls", "string")
    page = PAGE.replace("character-edit", "character-remix").replace("## 响应\n", f"{fields}## 响应\n")
    drafted = take_over(page, spec, "draft")
    assert (drafted.err, drafted.code) == ("", 0)
    for name, role in (("image_urls", "picture"), ("reference_urls", "reference")):
        row = f"to do: input.{name}: the model has a {role} already; write its x-image by hand\n"
        assert row in drafted.out


@pytest.mark.parametrize("name", [source.OPENAPI, source.ARAZZO])
def test_an_untouched_document_comes_back_byte_for_byte(name: str) -> None:
    text = (SPEC / name).read_text(encoding="utf-8")
    assert YamlText(text).text() == text


BEFORE = """\
a:
  # about b
  b: 1
  # about c
  c:
    - x
    # about d
  d: [1, 2]

  # about e
  e: 5
"""


@pytest.mark.parametrize("key", ["b", "c", "d", "e"])
def test_a_comment_stays_in_front_of_what_it_is_about(key: str) -> None:
    text = YamlText(BEFORE)
    put_after(text.at(("a",)), key, "new", CommentedMap(deep=flow([1]), last="value"))
    rows = text.text().splitlines()
    for name in "bcde":
        row = next(row for row in rows if row.startswith(f"  {name}:"))
        assert rows[rows.index(row) - 1].strip() == f"# about {name}"
    assert [row for row in rows if row.strip()] != [row for row in BEFORE.splitlines() if row.strip()]


def test_an_item_behind_the_last_stays_in_front_of_the_next_comment() -> None:
    text = YamlText(BEFORE)
    put_item(text.at(("a", "c")), 1, "y")
    assert text.text() == BEFORE.replace("    - x\n", "    - x\n    - y\n")
