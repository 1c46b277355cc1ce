"""The site: its navigation, its links, and what it must not load from another host."""

import re
import shlex
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped] # Pygments has no types

from kie_ideogram.__main__ import package
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cli.app import run
from kie_ideogram._runtime.contract.model import Model
from tests.documents import drawings
from website import api, diagrams, llms, models
from website.external import external
from website.pages import CHINESE, CONTENTS, ENGLISH, ROOT, Language, assemble, navigation, relinked, sources

LANGUAGES = pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=lambda language: language.code)
NAMES = {"docs/index.md": "index.md", "docs/guide/a.md": "guide/a.md", "CHANGELOG.md": "changelog.md"}


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("docs/guide/a.md", "[c](../../CHANGELOG.md#x)", "[c](../changelog.md#x)"),
        ("docs/guide/a.md", "[c](../index.md)", "[c](../index.md)"),
        ("docs/guide/a.md", "[spec](../../spec/openapi.yaml)", "spec"),
        ("docs/guide/a.md", "[here](#part) [web](https://example.com/a.md)", None),
        ("docs/guide/a.md", "```python\n[c](../../CHANGELOG.md)\n```", None),
        ("docs/index.md", "[中文](zh/index.md)", '<a href="zh/index.html">中文</a>'),
        ("docs/guide/a.md", "[中文](../zh/start.md)", '<a href="../zh/start.html">中文</a>'),
    ],
)
def test_links_lead_to_pages_of_the_site(source: str, text: str, expected: str | None) -> None:
    assert relinked(text, source, NAMES, lambda path: None) == (text if expected is None else expected)


def test_chinese_page_links_to_the_english_build() -> None:
    names = sources(CHINESE)
    link = relinked("[指南](../production.md)", "docs/zh/production.md", names, lambda path: None)
    assert link == '<a href="../production.html">指南</a>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一行，\n第二行", "第一行，第二行"),
        ("第一行\n第二行", "第一行第二行"),
        ("第一行\nKie", "第一行\nKie"),
        ("第一段。\n\n第二段。", "第一段。\n\n第二段。"),
        ("```python\n# 注释\n变量 = 1\n```", "```python\n# 注释\n变量 = 1\n```"),
    ],
)
def test_a_line_break_within_chinese_is_no_space(text: str, expected: str) -> None:
    assert relinked(text, "docs/zh/start.md", sources(CHINESE), lambda path: None) == expected


def test_the_theme_is_translated_where_sphinx_looks(tmp_path: Path) -> None:
    assemble(CHINESE, tmp_path, {})
    words = (tmp_path / "locales/zh_CN/LC_MESSAGES/sphinx.po").read_text(encoding="utf-8")
    assert 'msgid "Next"\nmsgstr "下一页"' in words


@pytest.mark.parametrize("page", [*sources(ENGLISH), *sources(CHINESE)])
def test_the_language_of_each_block_is_known(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for language in re.findall(r"^ *```(\w+)$", text, re.MULTILINE):
        get_lexer_by_name(language)


def test_images_of_a_page_are_collected() -> None:
    found: list[Path] = []
    text = "![sheet](../contact-sheet.png)"
    assert relinked(text, "docs/guide/a.md", NAMES, found.append) == text
    assert found == [ROOT / "docs/contact-sheet.png"]


@LANGUAGES
def test_navigation_lists_each_page_once(language: Language, tmp_path: Path) -> None:
    written = models.pages() | {"reference/python.md": api.page()} if language is ENGLISH else {}
    assemble(language, tmp_path, written)
    pages = {path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.md")}
    trees = re.findall(
        r"^```\{toctree\}\n(?::[^\n]*\n)*\n(.*?)\n```", all_text(tmp_path), re.DOTALL | re.MULTILINE
    )
    listed = [page for tree in trees for page in tree.splitlines()]
    assert len(listed) == len(set(listed))
    full = {page if page in pages else f"reference/{page}" for page in listed}
    assert full == pages - {"index"}


def all_text(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.md"))


def test_new_page_is_added_to_the_navigation() -> None:
    (first, *_) = navigation(ENGLISH, ["index.md", "pictures.md", "batches.md"]).split("```\n")
    assert "\nbatches" in first


@LANGUAGES
def test_start_page_has_a_place_for_the_navigation(language: Language) -> None:
    assert CONTENTS in (ROOT / language.folder / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        '<script src="https://example.com/a.js"></script>',
        "<img src='//example.com/a.png'>",
        '<img srcset="http://example.com/a.png 2x">',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<link href="https://example.com/a.woff2" rel="preload">',
        "@font-face { src: url(https://example.com/a.woff2) }",
        '@import "https://example.com/a.css";',
    ],
)
def test_content_of_another_host_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<p>\n{line}\n")
    (found,) = external(tmp_path)
    assert found.startswith("a.html:2: ")
    assert "//example.com/a" in found


@pytest.mark.parametrize(
    "line",
    [
        '<script src="_static/a.js"></script>',
        '<a href="https://example.com">link</a>',
        '<svg xmlns="http://www.w3.org/2000/svg">',
        '<link rel="canonical" href="https://example.com/">',
        "background: url(data:image/png;base64,AAAA)",
    ],
)
def test_content_of_the_site_is_no_finding(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(line)
    assert list(external(tmp_path)) == []


def test_diagrams_are_up_to_date() -> None:
    drawn = {path.name: path.read_text(encoding="utf-8") for path in diagrams.FOLDER.glob("*.svg")}
    assert drawn == diagrams.written(), "run: python -m website.diagrams"


def test_each_model_has_a_page_with_its_fields_and_prices() -> None:
    pages = models.pages()
    for model in CONTRACT.models.values():
        text = pages[f"reference/models/{model.resource}.md"]
        images = {image.path: image.argument for image in model.images}
        for argument in model.arguments:
            assert f"\n`{images.get(argument.path, argument.name)}` (" in text
        assert model.price
        assert isinstance(model.price.credits, dict)
        for value, credits_ in model.price.credits.items():
            assert f"| `{value}` | {credits_:g} |" in text
        assert not re.search("default is [`.;)]{2}|default is [.;]", text), "a default that is empty says so"


@pytest.mark.parametrize("model", CONTRACT.models.values(), ids=lambda model: model.name)
def test_the_command_of_a_model_works(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in drawings().items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(models.command(model))
    with pytest.raises(SystemExit) as ended:
        run(package(), [*words, "--dry-run"])
    assert (program, ended.value.code) == ("kie-ideogram", 0)


def test_a_price_without_a_count_multiplies_nothing() -> None:
    text = models.page(CONTRACT.models["ideogram/v3-text-to-image"])
    assert "`rendering_speed` sets the price of one picture.\n" in text


def test_python_reference_names_the_methods_and_errors() -> None:
    text = api.page()
    for name in (
        "Kie.resume",
        "kie.character_edit.run",
        "kie.batch.estimate",
        "kie.tasks.settled",
        "kie.files.upload",
        "Task.save",
        "cluster.Cluster.work",
        "callbacks.verify",
    ):
        assert f"### `{name}`" in text
    assert "`SubmissionUnknownError`\n: " in text


def test_llms_txt_describes_each_page_and_model() -> None:
    written = models.pages() | {"reference/python.md": api.page()}
    text = llms.page(written)
    for pages in ENGLISH.groups.values():
        for page in pages:
            assert re.search(rf"^- \[.+\]\({page}\.html\): .+", text, re.MULTILINE), page
    for model in CONTRACT.models.values():
        assert f"- [{model.name}](" in text
    assert "SubmissionUnknownError" in text


def test_python_reference_is_the_same_in_each_build_and_shows_nothing_private() -> None:
    text = api.page()
    assert not re.search(r" at 0x|^    _", text, re.MULTILINE)
    assert "Kie(\n    api_key: str | None = None,\n    *,\n    base_url: str | None = None,\n" in text
