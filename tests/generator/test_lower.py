"""What the spec says is in the contract, named once."""

import pytest

from generator.contract.load import Document
from generator.contract.lower_package import lower
from generator.contract.model import Contract, ModelResource, Parameter
from generator.runtime.contract.model import Argument, Output, Server
from tests.generator.edits import documents, edited


def lowered(*changes: tuple[str, str, str]) -> Contract:
    """The contract of the spec with each (file, find, replace)."""
    edits = [dict(zip(("file", "find", "replace"), change, strict=True)) for change in changes]
    openapi, arazzo = documents(edited(edits))
    return lower(openapi, arazzo)


CONTRACT = lowered()


def test_lowering_changes_neither_document() -> None:
    pair = documents(edited([]))
    fresh = documents(edited([]))
    lower(*pair)

    def data(documents_: tuple[Document, Document]) -> list[object]:
        return [document.data for document in documents_]

    assert data(pair) == data(fresh)


def test_each_server_is_named_once_and_operations_go_to_theirs() -> None:
    assert CONTRACT.api.servers == (
        Server("api", "https://api.kie.ai"),
        Server("upload", "https://kieai.redpandaai.co"),
    )
    assert {name: operation.server for name, operation in CONTRACT.api.operations.items()} == {
        "createTask": "api",
        "getTask": "api",
        "uploadFile": "upload",
        "uploadBase64": "upload",
        "uploadUrl": "upload",
        "getDownloadUrl": "api",
        "getCredits": "api",
    }


def test_only_what_does_no_harm_twice_is_repeatable() -> None:
    assert [name for name, operation in CONTRACT.api.operations.items() if not operation.repeatable] == [
        "createTask"
    ]


def test_a_model_takes_the_members_of_its_input_and_those_beside_it() -> None:
    arguments = {
        argument.name: argument for argument in CONTRACT.api.models["ideogram/character-edit"].arguments
    }
    assert arguments["image_url"].path == ("input", "image_url")
    assert arguments["num_images"] == Argument("num_images", ("input", "num_images"), "1")
    assert arguments["call_back_url"].path == ("callBackUrl",)
    assert "model" not in arguments


def test_required_parameters_come_first() -> None:
    (model,) = CONTRACT.models
    assert [parameter.required for parameter in model.parameters] == [True] * 4 + [False] * 6


def parameter(resource: ModelResource, name: str) -> Parameter:
    """A parameter by its name."""
    return next(entry for entry in resource.parameters if entry.name == name)


def test_an_enum_accepts_its_class_and_plain_strings() -> None:
    (model,) = CONTRACT.models
    assert parameter(model, "style").hint == (
        "CharacterEditInputStyle | Literal['AUTO', 'REALISTIC', 'FICTION']"
    )
    assert parameter(model, "style").enum == "CharacterEditInputStyle"


def test_an_enum_inside_a_list_is_plain_strings() -> None:
    items = "items: {type: string, enum: [a, b]}"
    seed = "        seed:\n          type: integer\n"
    kinds = f"        kinds:\n          type: array\n          description: Kinds.\n          {items}\n"
    (model,) = lowered(("openapi.yaml", seed, kinds + seed)).models
    assert parameter(model, "kinds").hint == "Sequence[Literal['a', 'b']]"


@pytest.mark.parametrize(
    ("code", "create", "query", "repeat_create", "repeat_query"),
    [
        (402, "refused", "error", False, False),
        (404, "refused", "not-visible", False, False),
        (429, "refused", "error", True, True),
        (455, "refused", "error", False, True),
        (500, "unknown", "error", False, True),
        (501, "unknown", "failed", False, False),
    ],
)
def test_a_code_says_what_may_be_repeated(
    code: int, create: str, query: str, repeat_create: bool, repeat_query: bool
) -> None:
    entry = CONTRACT.api.codes[code]
    assert (entry.create, entry.query, entry.repeat_create, entry.repeat_query) == (
        create,
        query,
        repeat_create,
        repeat_query,
    )


def test_the_waiter_is_lowered_from_the_workflow() -> None:
    workflow = CONTRACT.api.workflow
    assert (workflow.create, workflow.poll, workflow.poll_argument) == ("createTask", "getTask", "task_id")
    assert workflow.wait.success == ("success",)
    assert workflow.wait.failure == ("fail",)
    assert workflow.wait.pending == ("waiting", "queuing", "generating")
    assert workflow.wait.schedule == ((0, 2), (30, 5), (120, 15))
    assert workflow.outputs["created_at"] == Output(("createTime",), "unix-ms")
    assert workflow.outputs["urls"].pointer == ("resultJson", "resultUrls")


def test_a_state_that_is_named_otherwise_is_still_the_state() -> None:
    contract = lowered(
        ("openapi.yaml", "        state:\n", "        status:\n"),
        ("openapi.yaml", "required: [taskId, state]", "required: [taskId, status]"),
        ("workflows.arazzo.yaml", "state: $response.body#/data/state", "state: $response.body#/data/status"),
    )
    assert contract.state_class == "TaskState"
    assert contract.api.workflow.outputs["state"] == Output(("status",))


def test_what_only_people_read_is_not_checked_at_run_time() -> None:
    schema = CONTRACT.api.models["ideogram/character-edit"].schema
    assert isinstance(schema, dict)
    assert schema["properties"]["input"]["properties"]["prompt"] == {"type": "string", "maxLength": 5000}


def test_of_a_reply_only_that_is_required_without_which_it_is_useless() -> None:
    assert CONTRACT.api.operations["createTask"].data == {
        "type": "object",
        "required": ["taskId"],
        "properties": {"taskId": {"type": "string", "minLength": 1}},
    }
