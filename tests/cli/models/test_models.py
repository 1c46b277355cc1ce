"""Each model has its command, and its own options."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.contract.facts import DATA
from tests.pictures.support import Files

SIBLINGS: dict[str, dict[str, Any]] = DATA["siblings"]
MODELS = pytest.mark.parametrize("name", SIBLINGS)


def short(name: str) -> str:
    return name.partition("/")[2]


@MODELS
def test_first_missing_option_of_a_model_exits_2(name: str, bare: Command) -> None:
    fact = SIBLINGS[name]
    done = bare(fact["command"], "--model", short(name))
    first = "--prompt" if "prompt" in fact["fields"] else "--image"
    assert (done.code, done.out) == (2, "")
    assert f"Missing option '{first}'" in done.err


@MODELS
def test_help_of_a_model_has_its_options_only(name: str, bare: Command) -> None:
    fact = SIBLINGS[name]
    shown = bare(fact["command"], f"--model={short(name)}", "--help").out
    images = {field: image["argument"] for field, image in fact.get("images", {}).items()}
    options = {images.get(field, field).replace("_", "-") for field in fact["fields"]}
    assert all(f"  --{option} " in shown or f"  --{option}\n" in shown for option in options)
    assert ("--mask" in shown, "--repaint" in shown) == ("mask" in options, "mask" in options)


def test_generate_prints_the_request_of_a_text(bare: Command) -> None:
    done = bare("generate", "--prompt", "a red scarf", "--image-size", "square", "--dry-run", "--json")
    assert json.loads(done.out) == {
        "request": {
            "model": "ideogram/v3-text-to-image",
            "input": {"prompt": "a red scarf", "image_size": "square"},
        },
        "pictures": [],
        "credits": 7,
    }


@pytest.mark.parametrize("name", ["v3-reframe", "ideogram/v3-reframe", "v3_reframe", "V3-Reframe"])
def test_model_may_be_named_in_these_ways(name: str, bare: Command, files: Files) -> None:
    given = ["--image", files.given()["image"], "--image-size", "square", "--seed", "42"]
    done = bare("edit", "--model", name, *given, "--dry-run", "--json")
    request = json.loads(done.out)["request"]
    assert (request["model"], request["input"]["seed"]) == ("ideogram/v3-reframe", 42)


def test_style_pictures_are_given_one_by_one(bare: Command, files: Files) -> None:
    given = files.given()
    styles = ["--style-image", given["image"], "--style-image", given["reference"]]
    words = ["--prompt", "a red scarf", "--image", given["image"], "--reference", given["reference"]]
    done = bare("edit", "--model", "character-remix", *words, *styles, "--dry-run", "--json")
    assert len(json.loads(done.out)["request"]["input"]["image_urls"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["edit", "--model", "v3-text-to-image"], "is a model of the command `generate`"),
        (["generate", "--model", "v3-edit"], "is a model of the command `edit`"),
        (["edit", "--model", "v3-edti"], "did you mean 'v3-edit'?"),
        (["edit", "--prompt", "--model", "v3-edit"], "Missing option"),
    ],
)
def test_other_model_is_refused(arguments: list[str], message: str, bare: Command) -> None:
    done = bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
