"""A call with a wrong name of an argument names the right one, and sends nothing."""

from collections.abc import Callable
from inspect import signature
from types import FunctionType
from typing import Any

import pytest

from kie_ideogram.errors import InvalidInputError
from tests.client.conftest import EDIT, TASK_ID, Client
from tests.client.input.test_input import faults, no_request
from tests.contract.facts import ARGUMENTS, body

__all__ = ["no_request"]

METHODS = ("create", "submit", "run")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("idempotencykey", "did you mean 'idempotency_key'"),
        ("timeuot", "did you mean 'timeout'"),
        ("key", "renamed to idempotency_key"),
        ("job", "renamed to idempotency_key"),
    ],
)
def test_wrong_option_names_the_right_one(client: Client, method: str, given: str, message: str) -> None:
    resource = client.kie.character_edit
    with pytest.raises(InvalidInputError) as caught:
        client.do(getattr(resource, method)(**{given: 1}))
    (found,) = [fault.message for fault in caught.value.faults if fault.path == given]
    assert message in found
    if "no such argument" in found:
        names = list(signature(getattr(resource, method)).parameters)[:-1]
        assert f"the arguments are {', '.join(names)};" in found


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("submit", "save_to", "of `submit`; it is an argument of `run`"),
        ("submit", "dry_run", "of `submit`; it is an argument of `run`"),
        ("create", "repaint", "of `create`; it is an argument of `submit` and `run`"),
        ("run", "image_url", "of `run`; it is an argument of `create`"),
        ("run", "dryrun", "did you mean 'dry_run'"),
        ("run", "save_too", "did you mean 'save_to'"),
    ],
)
def test_option_of_another_method_says_so(client: Client, method: str, given: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        client.do(getattr(client.kie.character_edit, method)(**{given: 1}))
    (found,) = [fault.message for fault in caught.value.faults if fault.path == given]
    assert message in found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("key", "^key: renamed to api_key"),
        ("base_ulr", "^base_ulr: no such argument; the arguments are api_key, base_url, .*mean 'base_url'"),
        ("zzz", "^zzz: no such argument; the arguments are api_key, [^?]*$"),
    ],
)
def test_wrong_argument_of_a_client_names_the_right_one(client: Client, given: str, message: str) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        client.kind(**{given: "x"})  # type: ignore[arg-type] # wrong on purpose
    assert isinstance(caught.value, InvalidInputError)


WRONG_CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "misspelt": (
        lambda kie: kie.tasks.get("a", timeuot=3),
        r"^timeuot: no such argument; the arguments are task_id, timeout; did you mean 'timeout'\?",
    ),
    "misspelt, with a raw response": (
        lambda kie: kie.tasks.with_raw_response.get("a", timeuot=3),
        "^timeuot: .*did you mean 'timeout'",
    ),
    "misspelt, keyword only": (lambda kie: kie.files.upload(b"x", filename="x"), "did you mean 'file_name'"),
    "missing": (lambda kie: kie.tasks.get(), "^task_id: is missing; the arguments are task_id, timeout"),
    "missing, keyword only": (lambda kie: kie.batch.run("rows.csv"), "^save_to: is missing; "),
    "given twice": (lambda kie: kie.tasks.wait("a", task_id="a"), "^task_id: is given twice, by its place"),
    "without a name": (
        lambda kie: kie.tasks.get("a", 1, 2),
        "^arguments: too many values without a name: 3, at most 2; the arguments are task_id, timeout",
    ),
    "without a name, of a model": (
        lambda kie: kie.character_edit.run("a prompt"),
        "^arguments: too many values without a name: 1, at most 0; the arguments are prompt, image, ",
    ),
    "the only one": (lambda kie: kie.credits.get(time=1), "; the only argument is timeout; did you mean"),
    "one too many": (lambda kie: kie.resume(timeout=1), "^timeout: no such argument; it takes no arguments"),
}


@pytest.mark.parametrize("case", WRONG_CALLS)
def test_wrong_call_names_the_right_argument(client: Client, case: str) -> None:
    call, message = WRONG_CALLS[case]
    with pytest.raises(TypeError, match=message) as caught:
        client.do(call(client.kie))
    assert isinstance(caught.value, InvalidInputError)


def test_every_public_call_explains_a_wrong_argument(client: Client) -> None:
    kie = client.kie
    task = kie._context.make_task(TASK_ID, {}, None)
    resources = [getattr(kie, name) for name in dir(kie) if not callable(getattr(kie, name))]
    explained = []
    for owner in (kie, task, *resources):
        for name in dir(owner):
            if not name.startswith("_") and isinstance(getattr(type(owner), name, None), FunctionType):
                method = getattr(owner, name)
                with pytest.raises(InvalidInputError, match="zzz: no such argument"):
                    client.do(method(zzz=1))
                explained.append(name)
    assert {"close", "save", "settled", "estimate", "upload", "run"} <= set(explained)


def test_former_names_are_refused_with_the_new_name(client: Client) -> None:
    for field, former in [(each, name) for each in ARGUMENTS.values() for name in each.former]:
        found = faults(client, {former: field.accepts[0]}, without=field.argument)
        assert found[former].message == f"renamed to {field.argument}"

        made: Any = body({**EDIT, field.argument: field.accepts[0]})
        parent = made
        *parents, name = field.path
        for each in parents:
            parent = parent[each]
        parent[former] = parent.pop(name)
        with pytest.raises(InvalidInputError, match=rf"\b{former}: renamed to {name}\b"):
            client.do(client.kie.tasks.create(made))
