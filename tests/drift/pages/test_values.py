"""Words of a page are parsed into types, numbers, sizes and ranges."""

import pytest

from generator.drift.read.words.sentences import read_sentences
from generator.drift.read.words.values import (
    parse_count,
    parse_json_or_text,
    parse_number,
    parse_range,
    parse_size,
    parse_type,
)


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        ("string", {"type": "string"}),
        ("`string<uri>`", {"type": "string", "format": "uri"}),
        ("string<uri>[]", {"type": "array", "items": {"type": "string", "format": "uri"}}),
        ("array(URL)", {"type": "array", "items": {"type": "string", "format": "uri"}}),
        ("enum<integer>", {"type": "integer"}),
        ("Int", {"type": "integer"}),
        ("字符串", {"type": "string"}),
        ("tuple", {"type": "tuple"}),
    ],
)
def test_type_words_become_a_json_schema(words: str, schema: object) -> None:
    assert parse_type(words) == schema


def test_huge_number_is_not_read() -> None:
    digits = 5000 * "9"
    assert (parse_size(f"{digits}MB"), parse_count(digits), parse_number(f"-{digits}.5")) == (
        None,
        None,
        None,
    )
    assert parse_json_or_text("NaN") == "NaN"
    assert parse_json_or_text(20_000 * "[") == 20_000 * "["


@pytest.mark.parametrize(
    ("words", "bytes_"),
    [("10.0MB", 10_000_000), ("10 MB", 10_000_000), ("1MiB", 1_048_576), ("512KB", 512_000)],
)
def test_size_words_become_bytes(words: str, bytes_: int) -> None:
    assert parse_size(words) == bytes_


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("默认值为 12。", [("default", "12")]),
        ("当 multi_shots 为 true 时，默认值为 true。", []),
        ("`sequential=true` 时范围为 1-12，默认 12。", []),
        ("When `mode` is fast, the default is 12.", []),
        ("当 a 为 b 时，不能与 `mask` 同时使用。", [("excludes", "mask")]),
        ("不可与 `style_codes` 参数同时使用。", [("excludes", "style_codes")]),
        ("需要与蒙版图像尺寸一致。", [("sameSizeAs", "mask")]),
        ("需要与输入图像的大小相同。", [("sameSizeAs", "image")]),
    ],
)
def test_sentence_states_what_is_true_of_every_request(words: str, facts: object) -> None:
    (sentence,) = read_sentences(words)
    assert sentence.facts == facts


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("0.1 <= x <= 1", (0.1, 1)),
        ("1–6", (1, 6)),
        ("0 - 1 (step: 0.5)", (0, 1)),
        ("-5 <= x <= 5", (-5, 5)),
        ("-5 to -1", (-5, -1)),
        ("1 -6", (1, 6)),
        ("1-" + 400 * "9", None),
        ("x", None),
    ],
)
def test_range_words_become_two_ends(words: str, ends: object) -> None:
    assert parse_range(words) == ends
