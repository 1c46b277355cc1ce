"""Names that the package itself uses, so that the API must not use them.

The names of the runtime are read from its source. The lists are the names that the templates use;
`tests/generator/test_reserved.py` compares each list with the rendered code.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

RUNTIME = Path(__file__).parent.parent / "runtime"

# Arguments, variables, functions and types in the methods that take the API's fields as arguments.
METHOD_NAMES = frozenset(
    {
        "arguments",
        "call_with_files",
        "body",
        "bool",
        "build_body",
        "context",
        "create",
        "data",
        "dict",
        "dry_run",
        "float",
        "idempotency_key",
        "int",
        "overwrite",
        "progress",
        "read_task",
        "repaint",
        "result",
        "save_to",
        "self",
        "session",
        "str",
        "task",
        "task_run",
        "timeout",
        "typed",
        "unknown",
    }
)

# Parameters and options of the commands that take the fields of a model as options.
COMMAND_NAMES = frozenset(
    {
        "as_json",
        "contact_sheet",
        "context",
        "dry_run",
        "help",
        "idempotency_key",
        "journal",
        "json",
        "model",
        "overwrite",
        "repaint",
        "save_to",
        "timeout",
        "typer_context",
    }
)

# Classes that a module with classes of the API imports or defines next to them.
MODULE_CLASSES = frozenset(
    {
        "Any",
        "AsyncBatch",
        "AsyncContext",
        "AsyncGenerator",
        "AsyncTask",
        "Batch",
        "Callable",
        "ByteProgress",
        "DryRun",
        "File",
        "Generator",
        "Iterable",
        "Iterator",
        "Literal",
        "Mapping",
        "Never",
        "PathLike",
        "Picture",
        "Progress",
        "ReportedTask",
        "Result",
        "SequenceNotStr",
        "SupportsToDict",
        "SyncContext",
        "Task",
    }
)

# Classes that the client's module imports or defines next to those of the resources.
CLIENT_CLASSES = frozenset(
    {
        "AsyncBatch",
        "AsyncClient",
        "AsyncTask",
        "Batch",
        "Environment",
        "PathLike",
        "Secret",
        "Settings",
        "SharedRateLimiter",
        "SyncClient",
        "Task",
    }
)

# Names in the module of pytest fixtures, which has a fixture named after the package.
FIXTURE_NAMES = frozenset(
    {
        "client",
        "config",
        "fixtures",
        "folder",
        "marker",
        "options",
        "play",
        "pytest",
        "pytest_configure",
        "recordings",
        "replay",
        "request",
        "sandbox",
        "self",
    }
)

# Attributes of the clients that are resources of the package, not of the API.
OWN_RESOURCES = frozenset({"batch"})

# Attributes and variables in the models of openapi-python-client.
MODEL_NAMES = frozenset(
    {
        "additional_keys",
        "additional_properties",
        "cls",
        "d",
        "field_dict",
        "from_dict",
        "prop",
        "prop_dict",
        "prop_name",
        "src_dict",
        "to_dict",
    }
)


def client_classes(client: str) -> tuple[str, str]:
    """Return the classes of the blocking and of the asyncio client."""
    return client, f"Async{client}"


def base_url_arguments(servers: Iterable[str]) -> list[str]:
    """Return the arguments with which a caller replaces the URLs of servers."""
    return [f"{name}_base_url" if index else "base_url" for index, name in enumerate(servers)]


@cache
def client_attributes() -> frozenset[str]:
    """Return the attributes and methods of the clients."""
    return OWN_RESOURCES | frozenset(
        name
        for node in _parse("client.py").body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Client")
        for name in _members(node)
    )


@cache
def commands() -> frozenset[str]:
    """Return the commands of the command line, and the names of the other modules next to them."""
    modules = (RUNTIME / "cli" / "commands").rglob("*.py")
    return frozenset(path.stem.replace("_", "-") for path in modules) | {"batch", "edit", "generate"}


@cache
def error_classes() -> frozenset[str]:
    """Return the names that the runtime's module of errors defines or imports."""
    names: set[str] = set()
    for node in _parse("core/errors.py").body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
    return frozenset(names)


def _parse(module: str) -> ast.Module:
    return ast.parse((RUNTIME / module).read_text(encoding="utf-8"))


def _members(owner: ast.ClassDef) -> Iterator[str]:
    """Yield the methods of a class, and the attributes that it or its methods assign."""
    for node in ast.walk(owner):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr
