"""Each model has its command, and its own options."""

import json

import pytest

from tests.cli.conftest import Command
from tests.contract.facts import SIBLINGS
from tests.pictures.support import Files

MODELS = pytest.mark.parametrize("name", SIBLINGS)


def short(name: str) -> str:
    return name.partition("/")[2]


@MODELS
def test_missing_options_of_a_model_are_all_named_and_exit_2(name: str, bare: Command) -> None:
    fact = SIBLINGS[name]
    command = f"{fact.row['command']} --model {short(name)}"
    done = bare(*command.split())
    images = {field: image["argument"] for field, image in fact.images.items()}
    options = {f"'--{images.get(field, field)}'".replace("_", "-") for field in fact.required}
    assert (done.code, done.out) == (2, "")
    assert f"{command} --help' for help.\n" in done.err
    message = done.err.splitlines()[-1].rstrip(".")
    assert (
        set(
            message.removeprefix("Error: Missing options ").removeprefix("Error: Missing option ").split(", ")
        )
        == options
    )


@MODELS
def test_one_missing_option_of_a_model_is_named_alone(name: str, bare: Command, files: Files) -> None:
    fact = SIBLINGS[name]
    given = {"prompt": "a red scarf", "image_size": "square"}
    images = {field: image["argument"] for field, image in fact.images.items()}
    *others, last = [images.get(field, field) for field in fact.required]
    words = [
        f"--{one}={given.get(one, files.given().get(one))}".replace("image_size", "image-size")
        for one in others
    ]
    done = bare(fact.row["command"], "--model", short(name), *words)
    option = f"--{last}".replace("_", "-")
    assert (done.code, done.err.splitlines()[-1]) == (2, f"Error: Missing option '{option}'.")


@MODELS
def test_help_of_a_model_has_its_options_only(name: str, bare: Command) -> None:
    fact = SIBLINGS[name]
    shown = bare(fact.row["command"], f"--model={short(name)}", "--help").out
    images = {field: image["argument"] for field, image in fact.images.items()}
    options = {images.get(field, field).replace("_", "-") for field in fact.members}
    assert all(f"  --{option} " in shown or f"  --{option}\n" in shown for option in options)
    assert ("--mask" in shown, "--repaint" in shown) == ("mask" in options, "mask" in options)


def test_help_shows_the_range_of_a_number(bare: Command) -> None:
    shown = " ".join(bare("edit", "--model", "v3-remix", "--help").out.split())
    least, most = (
        SIBLINGS["ideogram/v3-remix"].members["strength"].limits[key] for key in ("minimum", "maximum")
    )
    assert f"From {least} to {most}." in shown


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
