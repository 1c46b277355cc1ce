"""`reconcile` and `draft` make the obvious edits, nothing else, and never damage the spec."""

import difflib
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from generator.__main__ import OUT
from generator.contract import source
from generator.drift.apply.reconcile import BuildPackage
from generator.drift.commands import WritePackage, draft_page_models, reconcile_pages
from tests.drift.command import CASES, Result, call_command, command
from tests.generator.edits import SPEC

PAGE = (CASES / "reference" / "page.md").read_text(encoding="utf-8")
RECORD = "docs-facts/ideogram/character-edit.yaml"
# What changes on the page → the old text, the new text, and the lines that the spec loses and gains.
EDITS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "changed limit": ("5000 字符", "4000 字符", ["maxLength: 5000"], ["maxLength: 4000"]),
    "new limit": (
        "随机数生成器的种子值。",
        "随机数生成器的种子值。\n\n**最小值**: 0",
        [],
        ["minimum: 0"],
    ),
    "changed total size of images": (
        "10MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        "20MB。\n*   图像格式需为 JPEG、PNG 或 WebP。",
        ["max-total-bytes: 10000000"],
        ["max-total-bytes: 20000000"],
    ),
    "changed default": (
        "**默认值**: `AUTO`",
        "**默认值**: `FICTION`",
        ["default: AUTO"],
        ["default: FICTION"],
    ),
    "new option": (
        "*   `FICTION`",
        "*   `FICTION`\n*   `DESIGN`",
        ["enum: [AUTO, REALISTIC, FICTION]"],
        ["enum: [AUTO, REALISTIC, FICTION, DESIGN]"],
    ),
    "replaced option": (
        "*   `FICTION`",
        "*   `DESIGN`",
        ["enum: [AUTO, REALISTIC, FICTION]"],
        ["enum: [AUTO, REALISTIC, DESIGN]"],
    ),
    "removed option": (
        "*   `3`\n*   `4`",
        "*   `3`",
        ["enum: ['1', '2', '3', '4']", "x-enum-varnames: [ONE, TWO, THREE, FOUR]"],
        ["enum: ['1', '2', '3']", "x-enum-varnames: [ONE, TWO, THREE]"],
    ),
    "new code": (
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
    "new field": (
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
# The finding that is left to decide → the old and the new text on the page.
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
    # Without options on the page, the whole list is in question.
    "option-only-in-spec": ("\n**可用选项**:\n*   `AUTO`\n*   `REALISTIC`\n*   `FICTION`\n", ""),
    # The price list of the spec needs a price for every speed.
    "option-only-in-docs": ("*   `TURBO`", "*   `TURBO`\n*   `FLASH`"),
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Copy the spec."""
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


@pytest.fixture
def spec_with_package(spec: Path) -> Path:
    """Copy the spec, and the package next to it."""
    shutil.copytree(OUT, spec.parent / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    return spec


def build_nothing(contract: source.Source) -> dict[str, str]:
    return {}


def write_nothing(files: dict[str, str]) -> list[Path]:
    return []


def write_page(page: str, spec: Path) -> str:
    path = spec.parent / "page.md"
    path.write_text(page, encoding="utf-8")
    return str(path)


def reconcile(
    page: str,
    spec: Path,
    build_package: BuildPackage = build_nothing,
    write_package: WritePackage = write_nothing,
) -> Result:
    """Reconcile with a page, by default without a package, which takes long to build."""
    path, today = write_page(page, spec), date(2026, 1, 31)
    return call_command(lambda: reconcile_pages([path], spec, build_package, write_package, today))


def draft(page: str, spec: Path) -> Result:
    """Draft the model of a page, without a package."""
    path = write_page(page, spec)
    unfinished = spec.parent / "unfinished"
    return call_command(lambda: draft_page_models(path, spec, build_nothing, write_nothing, unfinished))


def command_with_package(name: str, page: str, spec: Path) -> Result:
    """Run a command that writes the package."""
    out = spec.parent / "generated"
    return command(name, write_page(page, spec), "--spec", str(spec), "--out", str(out))


def changes(spec: Path) -> tuple[list[str], list[str]]:
    """Return the lines that the spec lost and gained."""
    old = (SPEC / source.OPENAPI).read_text(encoding="utf-8").splitlines()
    new = (spec / source.OPENAPI).read_text(encoding="utf-8").splitlines()
    delta = list(difflib.ndiff(old, new))
    return [d[2:].strip() for d in delta if d[:1] == "-"], [d[2:].strip() for d in delta if d[:1] == "+"]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("edit", EDITS)
def test_obvious_edit_changes_only_its_lines_and_ends_drift(edit: str, spec: Path) -> None:
    find, replace, lost, gained = EDITS[edit]
    assert find in PAGE
    assert reconcile(PAGE.replace(find, replace), spec).code == 0
    assert changes(spec) == (lost, gained)
    assert command("drift", "--spec", str(spec)).out == "the page and the spec agree\n"


def test_all_edits_give_a_current_package_and_repeat_cleanly(spec_with_package: Path) -> None:
    spec, page = spec_with_package, PAGE
    for edit, (find, replace, *_) in EDITS.items():
        if edit != "replaced option":  # "changed default" makes that option the default
            page = page.replace(find, replace)
    assert command_with_package("reconcile", page, spec).code == 0
    assert command("check", "--spec", str(spec), "--out", str(spec.parent / "generated")).code == 0
    before = tree(spec.parent)
    again = command_with_package("reconcile", page, spec)
    assert (again.code, again.out, tree(spec.parent)) == (0, "nothing changed\n", before)


@pytest.mark.parametrize("finding", DECISIONS)
def test_finding_without_obvious_edit_is_left_to_decide(finding: str, spec: Path) -> None:
    find, replace = DECISIONS[finding]
    assert find in PAGE
    result = reconcile(PAGE.replace(find, replace), spec)
    assert result.code == 1
    assert [
        row for row in result.out.splitlines() if row.startswith("to decide") and row.endswith(f"({finding})")
    ]
    assert changes(spec) == ([], [])


def test_new_member_of_a_string_field_is_left_to_decide(spec: Path) -> None:
    field = "#### input.prompt.tone\n\n**类型**: `string`\n**必需**: 否\n\n#### input.seed\n"
    result = reconcile(PAGE.replace("#### input.seed\n", field), spec)
    assert "the page has a field 'input.prompt.tone', the spec does not (field-only-in-docs)" in result.out
    assert (result.code, changes(spec)) == (1, ([], []))


def test_replaced_code_adds_the_new_and_leaves_the_old_to_decide(spec: Path) -> None:
    result = reconcile(PAGE.replace("`505`", "`506`"), spec)
    assert "exception: Code506Error" in changes(spec)[1]
    assert changes(spec)[0] == ["enum: [200, 400, 401, 402, 404, 408, 422, 429, 433, 455, 500, 501, 505]"]
    assert "the spec lists '505', the page does not (code-only-in-spec)" in result.out


def test_invalid_edit_is_skipped_with_its_reason(spec: Path) -> None:
    page = PAGE.replace("*   `TURBO`", "*   `TURBO`\n*   `FLASH`").replace("5000 字符", "4000 字符")
    result = reconcile(page, spec)
    assert "edited: input.prompt: maxLength is 4000, was 5000\n" in result.out
    assert "not edited: the value 'FLASH' of 'rendering_speed' needs a price\n" in result.out
    assert changes(spec) == (["maxLength: 5000"], ["maxLength: 4000"])


def test_reconcile_passes_the_recordings_to_the_package(spec: Path) -> None:
    (spec / source.RECORDINGS / "createTask").mkdir(parents=True)
    (spec / source.RECORDINGS / "createTask" / "one.har").write_text("{}", encoding="utf-8")
    recordings: list[str] = []

    def build_package(contract: source.Source) -> dict[str, str]:
        recordings.extend(contract.recordings)
        return {}

    assert reconcile(PAGE.replace("5000 字符", "4000 字符"), spec, build_package).code == 0
    assert recordings == ["createTask/one.har"]


def test_reconcile_with_the_recorded_page_changes_nothing(spec: Path) -> None:
    before = tree(spec)
    result = reconcile(PAGE, spec)
    assert (result.code, result.out, tree(spec)) == (0, "nothing changed\n", before)


def test_changed_words_change_the_record_only(spec: Path) -> None:
    result = reconcile(PAGE.replace("渲染速度。", "渲染的速度。"), spec)
    assert (result.code, changes(spec)) == (0, ([], []))
    assert "渲染的速度。" in (spec / RECORD).read_text(encoding="utf-8")
    assert command("drift", "--spec", str(spec)).code == 0


def test_unknown_model_exits_2_and_keeps_the_record(spec: Path) -> None:
    before = tree(spec)
    result = reconcile(PAGE.replace("character-edit", "character-remix"), spec)
    assert (result.code, result.out, tree(spec)) == (2, "", before)
    assert (
        "run `python -m generator draft PAGE` to write the spec entry of a new model (reconcile-model)"
        in result.err
    )


def test_reconcile_lists_new_sentences_to_read(spec: Path) -> None:
    rule = "种子值须为质数。"
    page = PAGE.replace("随机数生成器的种子值。", f"随机数生成器的种子值。{rule}").replace(
        "5000 字符", "4000 字符"
    )
    result = reconcile(page.replace("文本提示词。\n", "文本提示词。请勿写诗。\n"), spec)
    listed = [row for row in result.out.splitlines() if row.startswith("to read: ")]
    assert len(listed) == 2
    assert [word for row, word in zip(listed, ("请勿写诗。", rule), strict=True) if word in row] == [
        "请勿写诗。",
        rule,
    ]
    assert result.code == 0


def test_next_steps_begin_with_make_generate(spec: Path) -> None:
    result = reconcile(PAGE.replace("5000 字符", "4000 字符"), spec)
    assert result.out.split("next:\n")[1].splitlines()[0] == "  make generate"


def test_invalid_spec_exits_2_and_is_not_changed(spec: Path) -> None:
    openapi = spec / source.OPENAPI
    openapi.write_text(
        openapi.read_text(encoding="utf-8").replace("maxLength:", "maxLenght:"), encoding="utf-8"
    )
    before = tree(spec.parent)
    result = reconcile(PAGE.replace("*   `FICTION`", "*   `DESIGN`"), spec)
    assert (result.code, result.out) == (2, "")
    assert f"{openapi}:" in result.err
    assert "maxLenght" in result.err
    (spec.parent / "page.md").unlink()
    assert tree(spec.parent) == before


def git(folder: Path, *words: str) -> None:
    found = shutil.which("git")
    assert found
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run([found, "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_uncommitted_changes_exit_2_and_are_not_changed(spec: Path) -> None:
    git(spec.parent, "init", "--quiet")
    git(spec.parent, "add", "spec")
    git(spec.parent, "commit", "--quiet", "--message", "a clean spec")
    assert reconcile(PAGE.replace("5000 字符", "4000 字符"), spec).code == 0
    before = tree(spec)
    result = reconcile(PAGE.replace("5000 字符", "3000 字符"), spec)
    assert result.code == 2
    assert result.err == (
        f"{spec}: error: the spec has uncommitted changes in spec/{RECORD}, spec/openapi.yaml; "
        "commit or undo them first (reconcile-dirty)\n"
    )
    assert tree(spec) == before
    assert reconcile(PAGE.replace("5000 字符", "4000 字符"), spec).out == "nothing changed\n"


def test_failed_write_restores_the_spec_byte_for_byte(spec: Path) -> None:
    def fail_to_write(files: dict[str, str]) -> list[Path]:
        raise OSError("no space left on device")

    before = tree(spec)
    result = reconcile(PAGE.replace("5000 字符", "4000 字符"), spec, write_package=fail_to_write)
    assert (result.out, result.code, tree(spec)) == ("", 2, before)
    assert result.err == (
        f"{spec}: error: cannot be written: no space left on device; the old files were restored "
        "(reconcile-write)\n"
    )


def test_draft_gives_a_valid_spec_that_agrees_with_its_page(spec_with_package: Path) -> None:
    page, spec = PAGE.replace("character-edit", "character-remix"), spec_with_package
    drafted = command_with_package("draft", page, spec)
    assert drafted.code == 0
    assert changes(spec)[0] == []
    assert "to do: CharacterRemixRequest: add x-price when the price list has the model\n" in drafted.out
    assert (spec.parent / "generated" / "kie_ideogram" / "resources" / "character_remix.py").exists()
    assert (
        command("drift", str(spec.parent / "page.md"), "--spec", str(spec)).out
        == "the page and the spec agree\n"
    )
    assert command("drift", "--spec", str(spec)).code == 0


def test_draft_of_known_model_exits_2(spec: Path) -> None:
    drafted = draft(PAGE, spec)
    assert drafted.code == 2
    assert "the spec already has 'ideogram/character-edit'" in drafted.err


def test_draft_writes_an_object_field_as_named_schema(spec: Path) -> None:
    page = PAGE.replace("character-edit", "character-remix").replace(
        "**类型**: `boolean`", "**类型**: `object`"
    )
    assert draft(page, spec).code == 0
    reference = "$ref: '#/components/schemas/CharacterRemixInputExpandPrompt'"
    assert reference in (spec / source.OPENAPI).read_text(encoding="utf-8")
