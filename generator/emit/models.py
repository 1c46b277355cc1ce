"""The typed models, made by openapi-python-client. The only module that imports it.

It is used as a library, pinned exactly, with its stock templates; of what it makes we keep the
models. Its request functions have no timeout and read any envelope as success, so they are not
even rendered.
"""

import contextlib
import copy
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from generator.contract.load import Document
from generator.diagnostics import Diagnostic, InputError

# Where the stock template tells a linter to let it be, and why it does so.
_LATE = "# noqa: PLC0415"
_WHY_LATE = "models refer to one another"


class Wire(NamedTuple):
    """The models' files, and class name → module name of each model and enum."""

    files: dict[str, str]
    classes: dict[str, str]


def wire(openapi: Document) -> Wire:
    """Make the models of a linted document. Raises `InputError` for anything it would drop."""
    document: dict[str, Any] = copy.deepcopy(openapi.data)  # the parser changes what it is given
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        openapi.path,
        "utf-8",
        overwrite=True,
        output_path=Path("wire"),  # nothing is written there, the templates are rendered here
    )
    with contextlib.redirect_stdout(io.StringIO()):
        data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise _refused(openapi, [data])
    problems = [
        *data.errors,
        *(error for tag in data.endpoint_collections_by_tag.values() for error in tag.parse_errors),
    ]
    if problems:
        raise _refused(openapi, problems)
    template = Project(openapi=data, config=config).env.get_template
    files = {"types.py": template("types.py.jinja").render()}
    # Not its models/__init__.py, which imports every model at once; ours loads them when asked.
    for model in data.models:
        text = template("model.py.jinja").render(model=model)
        files[f"models/{model.class_info.module_name}.py"] = text.replace(_LATE, f"{_LATE} # {_WHY_LATE}")
    for enum in data.enums:
        name = "int_enum.py.jinja" if enum.value_type is int else "str_enum.py.jinja"
        files[f"models/{enum.class_info.module_name}.py"] = template(name).render(enum=enum)
    classes = {
        str(item.class_info.name): str(item.class_info.module_name) for item in (*data.models, *data.enums)
    }
    return Wire(files, dict(sorted(classes.items())))


def _refused(openapi: Document, problems: list[Any]) -> InputError:
    """Word its complaints without the object addresses that some of them hold."""
    return InputError(
        [
            Diagnostic(
                openapi.locate(),
                "openapi-python-client cannot use it: "
                + re.sub(
                    r"<[^<>]* at 0x[0-9a-f]+>", "…", " ".join(f"{problem.header} {problem.detail}".split())
                ),
                "wire",
            )
            for problem in problems
        ]
    )
