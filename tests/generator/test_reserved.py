"""The lists of reserved names are exactly the names that the rendered code uses."""

import ast
import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from generator.contract.lower.package import lower
from generator.contract.names import pascal
from generator.contract.reserved import (
    CLIENT_CLASSES,
    COMMAND_NAMES,
    METHOD_NAMES,
    MODULE_CLASSES,
    RUNTIME,
    base_url_arguments,
    client_attributes,
    client_classes,
    commands,
    error_classes,
)
from generator.emit.package import package
from kie_ideogram import Kie
from kie_ideogram.__main__ import package as command_line_package
from kie_ideogram._runtime.cli.app import make
from kie_ideogram._runtime.client import AsyncClient, SyncClient
from kie_ideogram._runtime.contract.model import Argument
from kie_ideogram._runtime.core import errors
from tests.generator.edits import documents, edited

# A model that uses every type of the contract.
PIXELS = {
    "file": "openapi.yaml",
    "find": "enum: [AUTO, REALISTIC, FICTION]",
    "replace": "enum: [AUTO, REALISTIC, FICTION]\n"
    "          x-pixels: {AUTO: [4, 3], REALISTIC: [4, 3], FICTION: [3, 4]}",
}
OPENAPI, ARAZZO = documents(edited([PIXELS]))
CONTRACT = lower(OPENAPI, ARAZZO)
FIELDS = {
    parameter.name for model in CONTRACT.models for parameter in (*model.parameters, *model.run_parameters)
} | {parameter.name for tag in CONTRACT.tags for method in tag.methods for parameter in method.parameters}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Return the rendered modules by path, once a test needs them: collecting the tests does not."""
    return {
        path: ast.parse(text)
        for path, text in package(CONTRACT, OPENAPI, ARAZZO).items()
        if path.endswith(".py") and "/_runtime/" not in path
    }


def resources() -> list[ast.Module]:
    return [tree for path, tree in modules().items() if "/resources/" in path]


def module(name: str) -> ast.Module:
    """Return a rendered module by its file name."""
    return next(tree for path, tree in modules().items() if path.endswith(f"/{name}"))


def methods_with_fields() -> Iterator[Function]:
    """Yield the rendered methods that take fields of the API as arguments."""
    for tree in resources():
        for node in ast.walk(tree):
            if isinstance(node, Function) and argument_names(node) & FIELDS:
                yield node


def argument_names(function: Function) -> set[str]:
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def names_in(function: Function) -> set[str]:
    """Return the names of a function's arguments and of everything that its body uses."""
    body = [node for statement in function.body for node in ast.walk(statement)]
    return (
        argument_names(function)
        | {node.id for node in body if isinstance(node, ast.Name)}
        | {node.asname or node.name for node in body if isinstance(node, ast.alias)}
    )


def test_method_names_are_those_of_rendered_methods() -> None:
    used = set().union(*map(names_in, methods_with_fields()))
    # The spec of the tests has no method with arguments that returns one of these types.
    used |= {"bool", "float", "int"}
    assert {name for name in used - FIELDS if name.islower()} == METHOD_NAMES


def classes_in(tree: ast.Module) -> set[str]:
    """Return the classes that a module imports or defines, outside of its functions."""
    found: set[str] = set()
    for node in tree.body:
        for inner in ast.walk(node) if isinstance(node, ast.If) else [node]:
            if isinstance(inner, ast.ClassDef):
                found.add(inner.name)
            elif isinstance(inner, ast.ImportFrom):
                found.update(alias.asname or alias.name for alias in inner.names)
    return {name for name in found if pascal(name) == name}


def classes_of_the_api() -> set[str]:
    """Return the classes of models, enums and resources."""
    models = (tree for path, tree in modules().items() if "/models/" in path)
    found = {node.name for tree in models for node in tree.body if isinstance(node, ast.ClassDef)}
    names = [resource.class_name for resource in CONTRACT.models]
    names += [resource.class_name for resource in CONTRACT.tags]
    for name in names:
        for prefix in ("", "Async"):
            found |= {prefix + name, f"{prefix}{name}WithRawResponse"}
    return found


def test_module_classes_are_those_next_to_models() -> None:
    used = set().union(*map(classes_in, [*resources(), module("task.py")]))
    assert used - classes_of_the_api() == MODULE_CLASSES


def test_client_classes_are_those_next_to_resources() -> None:
    found = classes_in(module("client.py")) - classes_of_the_api()
    assert found == CLIENT_CLASSES | set(client_classes(CONTRACT.package.client))


def test_client_attributes_are_those_of_both_clients() -> None:
    public = {name for name in (*dir(SyncClient), *dir(AsyncClient)) if not name.startswith("_")}
    with Kie("key") as kie:
        public |= {name for name in vars(kie) if not name.startswith("_")}
    assert public - client_attributes() == set()


def test_commands_are_those_of_the_command_line() -> None:
    group: Any = typer.main.get_command(make(PACKAGE))
    shown = {name for name, command in group.commands.items() if not command.hidden}
    assert shown - {"generate", "edit"} <= commands()


def test_error_classes_are_those_of_the_errors_module() -> None:
    public = {name for name in vars(errors) if name.isidentifier() and not name.startswith("_")}
    assert public - error_classes() == set()


PACKAGE = command_line_package()
SERVERS = base_url_arguments(server.name for server in PACKAGE.contract.servers)


def works_as_option(name: str) -> bool:
    """Return whether `edit` gets an option, and prints its help, when the model has a field of this name."""
    model = next(iter(PACKAGE.contract.models.values()))
    schema: Any = copy.deepcopy(model.schema)
    schema["properties"]["input"]["properties"][name] = {"type": "string"}
    argument = Argument(name, ("input", name))
    extended = model._replace(arguments=(*model.arguments, argument), schema=schema)
    changed = PACKAGE._replace(
        contract=PACKAGE.contract._replace(models={model.name: extended}),
        help={model.name: {**PACKAGE.help[model.name], name: "A field."}},
        commands={"edit": {model.name: PACKAGE.commands["edit"][model.name]}},
    )
    try:
        app = make(changed)
        group: Any = typer.main.get_command(app)
    except ValueError:  # two parameters of one name
        return False
    options = [option for parameter in group.commands["edit"].params for option in parameter.opts]
    help_works = CliRunner().invoke(app, ["edit", "--help"]).exit_code == 0
    return help_works and len(options) == len(set(options))


def command_line_names() -> set[str]:
    """Return every name of an argument in the command line's code that could also be a field."""
    found: set[str] = set()
    for path in (RUNTIME / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                found |= argument_names(node)
    fields = {parameter.name for model in CONTRACT.models for parameter in model.run_parameters}
    return {name for name in found if not name.startswith("_")} - fields


@pytest.mark.parametrize("name", sorted({*COMMAND_NAMES, *SERVERS}))
def test_reserved_command_name_cannot_be_an_option(name: str) -> None:
    assert not works_as_option(name)


def test_every_other_name_can_be_an_option() -> None:
    free = command_line_names() - COMMAND_NAMES - METHOD_NAMES - set(SERVERS)
    assert free
    assert [name for name in sorted(free) if not works_as_option(name)] == []
