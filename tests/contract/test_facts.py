"""The package agrees with `facts.yaml` about every fact, and the table leaves out none."""

import importlib
import inspect
import re
from typing import Any

import pytest

from kie_ideogram import Kie, errors, models
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.contract.model import Argument
from tests.client.conftest import KEY, options_class
from tests.contract.facts import ARGUMENTS, CODES, DATA, FAILURES, FIELDS, MODEL, OPTIONAL, REQUIRED, Field

DECLARED = CONTRACT.models[MODEL]
# The call of each operation, as the rows of the table name it.
CALLS = {
    "createTask": "create",
    "getTask": "get",
    "uploadFile": "upload",
    "uploadBase64": "upload_base64",
    "uploadUrl": "upload_url",
    "getDownloadUrl": "download_url",
    "getCredits": "",
}


def rows(call: str) -> list[Field]:
    return [field for field in FIELDS if field.call == call and field.argument]


def described(arguments: tuple[Argument, ...]) -> list[tuple[str, tuple[str, ...], Any]]:
    return [(argument.name, argument.path, argument.default) for argument in arguments]


def test_servers_have_these_urls() -> None:
    assert {server.name: server.url for server in CONTRACT.servers} == DATA["servers"]


def test_operations_have_these_methods_and_paths() -> None:
    declared = {
        name: {
            "server": operation.server,
            "method": operation.method,
            "path": operation.path,
            "repeatable": operation.repeatable,
        }
        for name, operation in CONTRACT.operations.items()
    }
    assert declared == DATA["operations"]


def test_model_has_these_arguments_and_defaults() -> None:
    assert list(CONTRACT.models) == list(DATA["models"])
    assert described(DECLARED.arguments) == [(f.argument, f.path, f.default) for f in ARGUMENTS.values()]


def test_required_arguments_have_no_default_in_python() -> None:
    with Kie(KEY) as kie:
        parameters = inspect.signature(kie.character_edit.create).parameters
        required = {name for name, each in parameters.items() if each.default is each.empty}
    # Every parameter may be left out, so that one message names everything that is missing.
    assert not required & set(OPTIONAL)
    assert set(ARGUMENTS) <= set(parameters)


@pytest.mark.parametrize("operation", [name for name in CALLS if name != "createTask"])
def test_other_calls_have_these_arguments(operation: str) -> None:
    declared = CONTRACT.operations[operation].arguments
    assert described(declared) == [(f.argument, f.path, f.sends) for f in rows(CALLS[operation])]


def test_every_operation_has_a_call() -> None:
    assert set(CALLS) == set(DATA["operations"])


@pytest.mark.parametrize("name", ARGUMENTS)
def test_argument_has_exactly_these_options(name: str) -> None:
    choices = options_class(name)
    assert sorted(choice.value for choice in choices or ()) == sorted(ARGUMENTS[name].options)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_former_names_of_argument_are_declared(name: str) -> None:
    argument = next(each for each in DECLARED.arguments if each.name == name)
    assert set(ARGUMENTS[name].former) <= set(argument.former_names)
    assert bool(ARGUMENTS[name].former) == bool(argument.former_names)


def test_results_and_replies_have_these_sizes() -> None:
    assert CONTRACT.media.max_bytes == DATA["sizes"]["result"]
    assert CONTRACT.envelope.max_bytes == DATA["sizes"]["reply"]
    assert set(CONTRACT.media.types) == set(DATA["result-types"])


@pytest.mark.parametrize("number", sorted({*CODES, *CONTRACT.codes}))
def test_code_has_this_meaning(number: int) -> None:
    code, fact = CONTRACT.codes[number], CODES[number]
    assert (code.meaning, code.create, code.query) == (fact.meaning, fact.create, fact.query)
    assert (code.repeat_create, code.repeat_query) == ("create" in fact.retried, "query" in fact.retried)
    assert code.error == fact.exception


def test_body_codes_have_these_names() -> None:
    named = {code.name: code.code for code in CODES.values() if code.name}
    assert {option.name: option.value for option in models.BodyCode} == named


def test_each_failure_has_its_own_exception() -> None:
    raised = {number: kind.__name__ for number, kind in errors.BY_CODE.items()}
    assert raised == {number: code.exception for number, code in FAILURES.items()}
    assert len(set(raised.values())) == len(raised)
    assert all(issubclass(kind, errors.ApiError) for kind in errors.BY_CODE.values())


@pytest.mark.parametrize("number", FAILURES)
def test_exception_documents_whether_a_task_is_charged(number: int) -> None:
    fact = FAILURES[number]
    match = re.match(r"Code (\d+): (.*)\. Charged: (\w+)\.", getattr(errors, fact.exception).__doc__ or "")
    assert match
    assert match.groups() == (str(number), fact.meaning, fact.charged)


def test_states_are_pending_success_or_failure() -> None:
    wait, facts = CONTRACT.workflow.wait, DATA["states"]
    assert (wait.pending, wait.success, wait.failure) == tuple(
        tuple(facts[name]) for name in ("pending", "success", "failure")
    )
    assert {state.value for state in models.TaskState} == {name for names in facts.values() for name in names}
    assert wait.initial == facts["pending"][0]


def test_rate_limits_have_these_windows() -> None:
    declared = [
        {
            "operations": list(limit.operations),
            "limit": limit.limit,
            "window": limit.window,
            "margin": limit.margin,
            "scope": limit.scope,
        }
        for limit in CONTRACT.rate_limits
    ]
    assert declared == DATA["rate-limits"]


def test_waiting_has_this_schedule() -> None:
    wait = CONTRACT.workflow.wait
    assert [{"after": after, "every": every} for after, every in wait.schedule] == DATA["polling"]
    assert (wait.jitter, wait.deadline, wait.grace) == (
        DATA["jitter"],
        DATA["deadline"],
        DATA["not-visible-grace"],
    )
    assert CONTRACT.retry.attempts == DATA["attempts"]


def test_links_live_this_long() -> None:
    urls = CONTRACT.workflow.outputs["urls"]
    assert urls.lifetime == DATA["links"]["result"]
    assert urls.stored == DATA["results-stored"]
    for name in ("uploadFile", "uploadBase64", "uploadUrl"):
        assert CONTRACT.operations[name].lifetime == DATA["links"]["upload"]
    assert CONTRACT.operations["getDownloadUrl"].lifetime == DATA["links"]["download"]


def test_prices_are_those_of_the_list() -> None:
    price = DECLARED.price
    assert price
    assert price.credits == DATA["prices"]
    assert CONTRACT.credit_price == (DATA["credit"]["price"], DATA["credit"]["currency"])


def test_table_names_only_fields_that_exist() -> None:
    names = {field.argument for field in FIELDS}
    assert not names & set(DATA["not-fields"])
    assert not names & set(DATA["excludes"].values())
    assert set(DATA["excludes"]) <= set(ARGUMENTS)
    assert REQUIRED


def test_every_model_module_can_be_imported() -> None:
    for name in models.__all__:
        assert getattr(importlib.import_module("kie_ideogram.models"), name)
