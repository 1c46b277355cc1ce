"""Faulty rows are reported with file, line and column before anything is sent."""

import sys
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram import Kie, errors
from kie_ideogram._runtime.batch.input.table import read_table
from tests.batch.support import Folder

HEADER = "key,prompt,image,mask,reference,rendering_speed,seed,num_images"
PICTURES = "in/image.png,in/mask.png,in/reference.png"

JSON_ROW = """{"key": "a", "prompt": "p", "image": "in/image.png", "mask": "in/mask.png", \
"reference": ["in/reference.png"], "rendering-speed": "TURBO", "seed": 7, "num_images": 2}
"""

# The lines below the header, and the faults.
ROWS: dict[str, tuple[str, list[str]]] = {
    "choice": (f"a,p,{PICTURES},TURBOO,,", ["rows.csv:2: rendering_speed"]),
    "integer": (f"a,p,{PICTURES},,x,", ["rows.csv:2: seed"]),
    "missing file": ("a,p,in/none.png,in/mask.png,in/reference.png,,,", ["rows.csv:2: image"]),
    "folder for a file": ("a,p,in,in/mask.png,in/reference.png,,,", ["rows.csv:2: image"]),
    "missing value": (f"a,,{PICTURES},,,", ["rows.csv:2: prompt"]),
    "long value": (f"a,{'x' * 5001},{PICTURES},,,", ["rows.csv:2: prompt"]),
    "same key": (f"a,p,{PICTURES},,,\na,q,{PICTURES},,,", ["rows.csv:3: key"]),
    "same row without a key": (f",p,{PICTURES},,,\n,p,{PICTURES},,,", ["rows.csv:3: key"]),
    "long key": (f"{'k' * 191},p,{PICTURES},,,", ["rows.csv:2: key"]),
    "key of a later attempt": (f"a~2,p,{PICTURES},,,", ["rows.csv:2: key"]),
    "too many cells": (f"a,p,{PICTURES},,,,,,", ["rows.csv:2"]),
    "row after a line break in a cell": (f'a,"p\nq",{PICTURES},,,\nb,,{PICTURES},,,', ["rows.csv:4: prompt"]),
    "open quote": (f'a,"p,{PICTURES}', ["rows.csv:2"]),
    "all faults": (f"a,,{PICTURES},,X,", ["rows.csv:2: seed", "rows.csv:2: prompt"]),
}  # fmt: skip


def faults(folder: Folder, text: str | bytes, **options: Any) -> list[str]:
    """Run a file of rows, and return the places of its faults."""
    path = folder.path / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Kie("key", journal=folder.journal) as kie, pytest.raises(errors.InvalidInputError) as raised:
        kie.batch.run(path, save_to=folder.out, **options)
    return [fault.path for fault in raised.value.faults]


@pytest.mark.parametrize("case", ROWS)
def test_faulty_row_is_reported_with_its_place(folder: Folder, case: str) -> None:
    rows, expected = ROWS[case]
    assert faults(folder, f"{HEADER}\n{rows}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["rows.csv"]),
        (HEADER, ["rows.csv"]),
        (b"prompt\n\xff\n", ["rows.csv:2"]),
        (
            "promt,image,mask,reference\na,b,c,d\n",
            ["rows.csv:1: promt", "rows.csv:1: prompt"],
        ),
        ("prompt,prompt,image,mask,reference\na,b,c,d,e\n", ["rows.csv:1: prompt"]),
        ("prompt,image,mask\na,b,c\n", ["rows.csv:1: reference"]),
        ('{"prompt": 1}\n{"promt"\n', ["rows.csv:2:9"]),
        ('{"prompt": 1, 2}\n', ["rows.csv:1:15"]),
        ('{"prompt": "a", "prompt": "b"}\n', ["rows.csv:1"]),
        ('[{"prompt": "a"},\n{"prompt": "b"}]\n', ["rows.csv"]),
        (HEADER.encode("utf-16"), ["rows.csv"]),
        (b"PK\x03\x04 as Excel writes it", ["rows.csv"]),
        ("[1]\n", ["rows.csv:1"]),
        ('{"prompt": "a"}\n', [f"rows.csv:1: {name}" for name in ("image", "mask", "reference")]),
        ('{"model": "ideogram/v3"}\n', ["rows.csv:1: model"]),
    ],
)
def test_faulty_file_is_reported_with_its_line(folder: Folder, text: str, expected: list[str]) -> None:
    assert sorted(faults(folder, text)) == sorted(expected)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"max_cost": -1}, "max_cost"),
        ({"max_cost": 0.01}, "max_cost"),
        ({"limit": 0}, "limit"),
        ({"max_failures": "many"}, "max_failures"),
        ({"max_failures": "101%"}, "max_failures"),
        ({"retry": "all"}, "retry"),
        ({"defaults": {"promt": "a"}}, "defaults"),
    ],
)
def test_invalid_option_is_reported(folder: Folder, options: dict[str, Any], argument: str) -> None:
    assert faults(folder, folder.keyed(1).read_bytes(), **options) == [argument]


def test_batch_without_a_journal_is_refused(folder: Folder) -> None:
    with Kie("key") as kie, pytest.raises(errors.ConfigurationError, match="journal=PATH"):
        kie.batch.run(folder.keyed(1), save_to=folder.out)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\na,p,{PICTURES},turbo,7,2\n",
        f"{HEADER}\na,p,{PICTURES},turbo,7,2\n".replace(",", ";"),
        f"\ufeff{HEADER}\r\na,p,{PICTURES},turbo,7,2\r\n",
        HEADER.replace("_", "-").replace("rendering-speed", "rendering-speed,reference")
        + "\na,p,in/image.png,in/mask.png,in/reference.png,TURBO,,7,2\n",
        JSON_ROW,
    ],
    ids=["commas", "semicolons", "Excel", "hyphens and a repeated column", "JSON"],
)
def test_formats_of_a_row_cost_the_same(folder: Folder, text: str) -> None:
    path = folder.path / "rows"
    path.write_text(text, encoding="utf-8", newline="")
    with Kie("key") as kie:
        found = kie.batch.estimate(path)
    assert (found.rows, found.credits, found.price, found.faults) == (1, 24, 0.12, ())


def test_estimate_reports_every_fault_of_pictures(folder: Folder) -> None:
    folder.files.add("text.png", b"not a picture")
    rows = folder.csv({"key": "a"}, {"key": "b", "image": "in/text.png"}, {"key": "c", "seed": "x"})
    with Kie("key") as kie:
        found = kie.batch.estimate(rows)
    assert [fault.path for fault in found.faults] == ["rows.csv:3: image", "rows.csv:4: seed"]
    assert found.rows == 3


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that takes no new files")
def test_estimate_reports_an_unusable_folder(folder: Folder) -> None:
    with Kie("key") as kie:
        found = kie.batch.estimate(folder.keyed(1), save_to="/proc/nope")
    assert [(fault.path, fault.rule) for fault in found.faults] == [("save_to", "folder")]


def test_estimate_knows_the_time_at_the_rate_limit(folder: Folder) -> None:
    with Kie("key") as kie:
        # 20 submissions in 10.5 seconds.
        assert kie.batch.estimate(folder.keyed(40)).seconds == pytest.approx(21)


def test_default_fills_rows_without_a_value(folder: Folder) -> None:
    rows = folder.csv({"rendering_speed": ""}, {"rendering_speed": "TURBO", "prompt": "b"})
    with Kie("key") as kie:
        costs = {
            speed: kie.batch.estimate(rows, defaults={"rendering-speed": speed}).credits
            for speed in ("turbo", "QUALITY")
        }
    assert costs == {"turbo": 24, "QUALITY": 36}


def test_relative_paths_begin_at_the_file(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = folder.keyed(1)
    (folder.path / "elsewhere").mkdir()
    monkeypatch.chdir(folder.path / "elsewhere")
    with Kie("key") as kie:
        assert kie.batch.estimate(Path("..") / rows.name).faults == ()


def test_cell_may_have_several_lines(folder: Folder) -> None:
    text = folder.csv({"key": "a", "prompt": "one\ntwo"}).read_text()
    assert read_table(folder.csv({"prompt": "one\ntwo"})).rows[0].values["prompt"] == "one\ntwo"
    (folder.path / "windows.csv").write_bytes(text.replace("\n", "\r\n").encode())
    assert read_table(folder.path / "windows.csv").rows[0].values["prompt"] == "one\r\ntwo"


def test_blank_lines_before_the_header_are_left_out(folder: Folder) -> None:
    path = folder.keyed(2)
    path.write_text("\n\n" + path.read_text().replace(",", ";"))
    assert [row.line for row in read_table(path).rows] == [4, 5]


def test_closed_standard_input_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(errors.InvalidInputError, match="stdin: is closed"):
        read_table("-")
