"""Makes the typed models with openapi-python-client.

No other module imports that library.

Its version is pinned exactly and its stock templates are used. Only its models are rendered: its
request functions have no timeout and read every envelope as success.
"""

import contextlib
import copy
import io
import re
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from generator.contract.load import Document
from generator.contract.openapi import declared_operations
from generator.diagnostics import Diagnostic, InputError

# The stock template has this linter exception without the reason.
_LATE = "# noqa: PLC0415 # models refer to one another"


class _CompiledTemplates(BytecodeCache):
    """Compiles each template once in a process. The library would do so for every document: 0.1 s each."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._code[bucket.key] = bucket.code


_COMPILED = _CompiledTemplates()


class TypedModels(NamedTuple):
    """The files of the models, and the module of each class of a model or enum."""

    files: dict[str, str]
    classes: dict[str, str]


def typed_models(openapi: Document) -> TypedModels:
    """Make the models of a faultless document.

    Raises `InputError` for anything that would be dropped.
    """
    document: dict[str, Any] = copy.deepcopy(openapi.data)  # the parser changes its argument
    _remove_enums_of_numbers(document)
    for _, _, operation, _ in declared_operations(document):
        # The library takes no header of one value. Its request functions, which have headers, are not used.
        operation.get("parameters", [])[:] = [
            one for one in operation.get("parameters", ()) if one["in"] != "header"
        ]
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        openapi.path,
        "utf-8",
        overwrite=True,
        output_path=Path("wire"),  # required, but nothing is written there
    )
    with contextlib.redirect_stdout(io.StringIO()):
        data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise _input_error(openapi, [data])
    problems = [
        *data.errors,
        *(error for tag in data.endpoint_collections_by_tag.values() for error in tag.parse_errors),
    ]
    if problems:
        raise _input_error(openapi, problems)
    templates = Project(openapi=data, config=config).env
    templates.bytecode_cache = _COMPILED
    template = templates.get_template
    # The models import these names from `types.py`, which is the package's own and re-exports them.
    files = {"_model_types.py": template("types.py.jinja").render()}
    # Not its models/__init__.py, which imports every model at once; ours imports each on first use.
    for model in data.models:
        text = template("model.py.jinja").render(model=model)
        files[f"models/{model.class_info.module_name}.py"] = text.replace(_LATE.rpartition(" # ")[0], _LATE)
    for enum in data.enums:
        name = "int_enum.py.jinja" if enum.value_type is int else "str_enum.py.jinja"
        files[f"models/{enum.class_info.module_name}.py"] = template(name).render(enum=enum)
    classes = {
        str(item.class_info.name): str(item.class_info.module_name) for item in (*data.models, *data.enums)
    }
    return TypedModels(files, dict(sorted(classes.items())))


def _remove_enums_of_numbers(node: Any) -> None:
    """Remove the enums that the library cannot make a class of: those of numbers with a fraction.

    The member is then a `float`, and the client checks its values.
    """
    if isinstance(node, dict):
        if node.get("type") == "number" and isinstance(node.get("enum"), list):
            del node["enum"]
        for member in node.values():
            _remove_enums_of_numbers(member)
    elif isinstance(node, list):
        for item in node:
            _remove_enums_of_numbers(item)


def _input_error(openapi: Document, problems: list[Any]) -> InputError:
    """Return its errors as diagnostics, without the object addresses in them."""
    return InputError(
        [
            Diagnostic(
                openapi.locate(),
                "openapi-python-client cannot use this document: "
                + re.sub(
                    r"<[^<>]* at 0x[0-9a-f]+>", "…", " ".join(f"{problem.header} {problem.detail}".split())
                ),
                "wire",
            )
            for problem in problems
        ]
    )
