"""Lowering puts everything that the spec declares into the contract."""

import pytest

from generator.contract.load import Document
from generator.contract.lower.package import lower
from generator.contract.model import Contract, ModelResource, Parameter
from generator.runtime.contract.model import Argument, Output, Server
from tests.generator.edits import documents, edited


def lowered(*changes: tuple[str, str, str]) -> Contract:
    """Return the contract of the spec after edits of (file, find, replace)."""
    edits = [{"file": file, "find": find, "replace": replace} for file, find, replace in changes]
    openapi, arazzo = documents(edited(edits))
    return lower(openapi, arazzo)


CONTRACT = lowered()


def test_lowering_does_not_change_the_documents() -> None:
    pair = documents(edited([]))
    unchanged = documents(edited([]))
    lower(*pair)

    def data(documents_: tuple[Document, Document]) -> list[object]:
        return [document.data for document in documents_]

    assert data(pair) == data(unchanged)


def test_each_operation_has_its_declared_server() -> None:
    assert CONTRACT.api.servers == (
        Server("api", "https://api.kie.ai", "base_url", "KIE_BASE_URL"),
        Server("upload", "https://kieai.redpandaai.co", "upload_base_url", "KIE_UPLOAD_BASE_URL"),
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


def test_only_create_task_is_not_repeatable() -> None:
    assert [name for name, operation in CONTRACT.api.operations.items() if not operation.repeatable] == [
        "createTask"
    ]


def test_model_arguments_are_members_of_input_and_body() -> None:
    arguments = {
        argument.name: argument for argument in CONTRACT.api.models["ideogram/character-edit"].arguments
    }
    assert arguments["image_url"].path == ("input", "image_url")
    assert arguments["num_images"] == Argument("num_images", ("input", "num_images"), "1", "count")
    assert arguments["call_back_url"].path == ("callBackUrl",)
    assert "model" not in arguments


def test_required_parameters_come_first() -> None:
    (model,) = CONTRACT.models
    assert [parameter.required for parameter in model.parameters] == [True] * 4 + [False] * 6


def parameter(resource: ModelResource, name: str) -> Parameter:
    """Return a parameter by its name."""
    return next(entry for entry in resource.parameters if entry.name == name)


def test_enum_parameter_accepts_class_and_strings() -> None:
    (model,) = CONTRACT.models
    assert parameter(model, "style").hint == (
        "CharacterEditInputStyle | Literal['AUTO', 'REALISTIC', 'FICTION']"
    )
    assert parameter(model, "style").class_name == "CharacterEditInputStyle"


def test_enum_inside_a_list_accepts_strings() -> None:
    items = "items: {type: string, enum: [a, b]}"
    seed = "        seed:\n          type: integer\n"
    kinds = f"        kinds:\n          type: array\n          description: Kinds.\n          {items}\n"
    (model,) = lowered(("openapi.yaml", seed, kinds + seed)).models
    assert parameter(model, "kinds").hint == "SequenceNotStr[Literal['a', 'b']]"


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
def test_code_says_what_may_be_repeated(
    code: int, create: str, query: str, repeat_create: bool, repeat_query: bool
) -> None:
    entry = CONTRACT.api.codes[code]
    assert (entry.create, entry.query, entry.repeat_create, entry.repeat_query) == (
        create,
        query,
        repeat_create,
        repeat_query,
    )


def test_workflow_gives_states_and_schedule() -> None:
    workflow = CONTRACT.api.workflow
    assert (workflow.creates[0], workflow.poll, workflow.poll_argument) == (
        "createTask",
        "getTask",
        "task_id",
    )
    assert workflow.wait.success == ("success",)
    assert workflow.wait.failure == ("fail",)
    assert workflow.wait.pending == ("waiting", "queuing", "generating")
    assert workflow.wait.schedule == ((0, 2), (30, 5), (120, 15))
    assert workflow.outputs["created_at"] == Output(("createTime",), "unix-ms")
    assert workflow.outputs["urls"].pointer == ("resultJson", "resultUrls")


def test_renamed_state_member_is_still_the_state() -> None:
    contract = lowered(
        ("openapi.yaml", "        state:\n", "        status:\n"),
        ("openapi.yaml", "required: [taskId, state]", "required: [taskId, status]"),
        ("workflows.arazzo.yaml", "state: $response.body#/data/state", "state: $response.body#/data/status"),
    )
    assert contract.state_class == "TaskState"
    assert contract.api.workflow.outputs["state"] == Output(("status",))


def test_request_schema_has_no_descriptions() -> None:
    schema = CONTRACT.api.models["ideogram/character-edit"].schema
    assert isinstance(schema, dict)
    assert schema["properties"]["input"]["properties"]["prompt"] == {"type": "string", "maxLength": 5000}


def test_response_schema_has_only_required_members() -> None:
    assert CONTRACT.api.operations["createTask"].data == {
        "type": "object",
        "required": ["taskId"],
        "properties": {"taskId": {"type": "string", "minLength": 1}},
    }
