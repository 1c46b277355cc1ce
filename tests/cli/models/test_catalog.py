"""The commands `models`, `show` and `schema`: what the contract says, in words and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator, FormatChecker

from kie_ideogram.__main__ import package
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cli.app import make
from kie_ideogram._runtime.cli.options.completion import complete_unknown_key
from kie_ideogram._runtime.cli.terminal.documents import document_schemas
from kie_ideogram._runtime.contract.catalog import exclusions, limits
from kie_ideogram._runtime.contract.model import Argument, Model
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, edit, succeed
from tests.cli.test_commands import BODY, SIGNATURE
from tests.pictures.support import Files

GROUP: Any = typer.main.get_command(make(package()))
MODELS = pytest.mark.parametrize("model", CONTRACT.models.values(), ids=lambda model: model.name)


def test_models_lists_each_model_with_its_price_and_inputs(bare: Command) -> None:
    done = bare("models")
    assert done.code == 0
    assert [line for line in done.out.splitlines() if not line.startswith(" ")] == list(CONTRACT.models)
    assert "TURBO 12, BALANCED 18, QUALITY 24 (about USD 0.06 to 0.12)" in done.out
    assert "required: prompt, image, mask, reference" in done.out


@MODELS
def test_show_prints_each_field_of_a_model(model: Model, bare: Command) -> None:
    facts = json.loads(bare("show", model.resource, "--json").out)
    assert facts["model"] == model.name
    images = {image.path: image.argument for image in model.images}
    assert [field["name"] for field in facts["fields"]] == [
        images.get(argument.path, argument.name) for argument in model.arguments
    ]
    (command,) = [name for name, models in package().commands.items() if model.name in models]
    context = GROUP.commands[command].make_context(command, ["--model", model.name], resilient_parsing=True)
    options = {name for option in context.command.params for name in option.opts}
    shown = [line.split()[0] for line in bare("show", model.name).out.splitlines() if line.startswith("--")]
    assert len(shown) == len(model.arguments)
    assert set(shown) <= options


def test_show_states_limits_choices_and_defaults(bare: Command) -> None:
    out = bare("show", "character-edit").out
    assert "  limits: at most 5,000 characters\n" in out
    assert "  choices: TURBO, BALANCED, QUALITY\n  default: BALANCED\n" in out
    assert "`mask` has the same size in pixels as `image`." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "character-edti"], "'character-edti' is not one of ideogram/character-edit"),
        (["show", "ideogram/character-edti"], "did you mean 'ideogram/character-edit'?"),
        (["schema", "credit"], "did you mean 'credits'?"),
        (["schema", "sandbox"], "'sandbox' is not one of edit, "),
    ],
)
def test_unknown_name_is_refused_with_the_names(arguments: list[str], message: str, bare: Command) -> None:
    done = bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"minLength": 1, "maxLength": 5000}, "at least 1 character; at most 5,000 characters"),
        ({"type": "string", "pattern": "^a"}, "matches ^a"),
        ({"type": "string", "format": "uri"}, "a URI"),
        ({"type": "integer", "minimum": 0, "exclusiveMaximum": 9}, "at least 0; less than 9"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1.5}, "at most 1.5; greater than 0"),
        ({"type": "integer", "multipleOf": 8}, "a multiple of 8"),
        ({"minItems": 1, "maxItems": 3}, "at least 1 item; at most 3 items"),
        ({"type": "array", "uniqueItems": True}, "no item twice"),
        ({"type": "array", "items": {"maxLength": 2}}, "each item at most 2 characters"),
        ({"type": "boolean"}, ""),
    ],
)
def test_limits_are_stated_in_words(schema: dict[str, Any], words: str) -> None:
    assert "; ".join(limits(schema)) == words


@pytest.mark.parametrize(
    ("dependent", "rule"),
    [
        ({"propertyNames": {"not": {"const": "b"}}}, ["`a` cannot be combined with `b`."]),
        ({"not": {"required": ["b"]}}, ["`a` cannot be combined with `b`."]),
        ({"required": ["b"]}, ["`a` requires `b`."]),
        ({"allOf": [{"required": ["b"]}]}, ["`a` requires `b`."]),
        ({"required": ["unknown"]}, []),
    ],
)
def test_exclusions_are_stated_in_words(dependent: dict[str, Any], rule: list[str]) -> None:
    arguments = (Argument("a", ("a",)), Argument("b", ("b",)))
    schema = {"properties": {"a": {}, "b": {}}, "dependentSchemas": {"a": dependent}}
    assert exclusions(Model("m", "m", arguments, schema)) == rule


def test_each_command_with_json_has_a_schema() -> None:
    with_json = {
        name
        for name, command in GROUP.commands.items()
        if not command.hidden and any("--json" in option.opts for option in command.params)
    }
    assert set(document_schemas(package())) == with_json


@pytest.mark.parametrize(
    "arguments",
    [
        ["credits"],
        ["doctor"],
        ["unknown"],
        ["resume"],
        ["status", "TASK"],
        ["wait", "TASK"],
        ["wait", "TASK", "-o", "out"],
        ["download", "TASK"],
        ["upload", "IMAGE"],
        ["edit", "--dry-run"],
        ["edit", "--contact-sheet"],
    ],
    ids=" ".join,
)
def test_json_document_complies_with_its_schema(
    arguments: list[str], cli: Command, sandbox: Sandbox, files: Files
) -> None:
    name, *rest = arguments
    given = [
        succeed(sandbox, files) if one == "TASK" else files.image if one == "IMAGE" else one for one in rest
    ]
    command = edit(files, *given) if name == "edit" else [name, *given]
    check(name, cli(*command, "--json").out)


@pytest.mark.parametrize("arguments", [["models"], ["show", "character-edit"], ["schema", "edit"]])
def test_json_document_of_the_contract_complies(arguments: list[str], bare: Command) -> None:
    check(arguments[0], bare(*arguments, "--json").out)


def test_json_document_of_a_failed_task_complies(cli: Command, sandbox: Sandbox, files: Files) -> None:
    sandbox.fail_next(msg="No face.")
    assert cli(*edit(files)).code == 3
    check("status", cli("status", sandbox.charges[-1].task_id, "--json").out)


def test_json_documents_of_unknown_submissions_comply(
    cli: Command, sandbox: Sandbox, files: Files, tmp_path: Path
) -> None:
    for key in ("order-17", "order-18"):
        sandbox.play([{"call": "createTask", "lose": True}])
        assert cli(*edit(files, "--idempotency-key", key)).code == 5
    check("unknown", cli("unknown", "--json").out)
    check("resend", cli("resend", "order-18", "--json").out)
    task_id = sandbox.charges[-3].task_id
    check("attach", cli("attach", "order-17", task_id, "--json").out)
    check("resume", cli("resume", "--json", "-o", tmp_path).out)
    check("mark-done", cli("mark-done", task_id, "--json").out)


def test_shell_completes_keys_of_unknown_submissions(
    cli: Command, sandbox: Sandbox, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.play([{"call": "createTask", "lose": True}])
    assert cli(*edit(files, "--idempotency-key", "order-17")).code == 5
    monkeypatch.setenv("KIE_BASE_URL", sandbox.url)
    monkeypatch.setenv("KIE_UPLOAD_BASE_URL", sandbox.url)
    offer = complete_unknown_key(package())
    assert (offer("ord"), offer("x")) == (["order-17"], [])


def test_json_document_of_verify_callback_complies(bare: Command, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(BODY)
    (tmp_path / "key").write_text("kie-test-hmac-key\n")
    signed = ["--signature", SIGNATURE, "--timestamp", "1769670760", "--tolerance", 1e12]
    done = bare(
        "verify-callback", tmp_path / "body.json", *signed, "--secret-file", tmp_path / "key", "--json"
    )
    check("verify-callback", done.out)


def check(command: str, text: str) -> None:
    """Check a document against the schema that the command `schema` prints."""
    schema = document_schemas(package())[command]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(text))
