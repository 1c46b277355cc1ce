"""Checks the names of the package that is made, which `x-package` declares."""

import builtins
import keyword
import re
import sys

from generator.contract.identity import identity
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.reserved import (
    CLIENT_CLASSES,
    FIXTURE_NAMES,
    MODULE_CLASSES,
    client_attributes,
    client_classes,
    commands,
    error_classes,
)
from generator.runtime.contract.suggest import did_you_mean

# What the package and its libraries import with all extras, so that it cannot have the name.
LIBRARIES = frozenset(
    {
        "PIL",
        "annotated_doc",
        "annotated_types",
        "anyio",
        "attr",
        "attrs",
        "certifi",
        "click",
        "croniter",
        "dateutil",
        "dotenv",
        "filelock",
        "fsspec",
        "h11",
        "httpcore",
        "httpcore2",
        "httpx",
        "httpx2",
        "idna",
        "iniconfig",
        "jsonschema",
        "jsonschema_specifications",
        "jwt",
        "markdown_it",
        "mcp",
        "mcp_types",
        "mdurl",
        "multipart",
        "opentelemetry",
        "packaging",
        "pgqueuer",
        "pluggy",
        "psycopg",
        "psycopg_pool",
        "puremagic",
        "py",
        "pydantic",
        "pydantic_core",
        "pydantic_settings",
        "pygments",
        "pyrate_limiter",
        "pytest",
        "python_multipart",
        "redis",
        "referencing",
        "rich",
        "rpds",
        "shellingham",
        "six",
        "sniffio",
        "socksio",
        "sse_starlette",
        "starlette",
        "tabulate",
        "truststore",
        "typer",
        "typing_extensions",
        "typing_inspection",
        "uvicorn",
        "uvloop",
        "yaml",
    }
)


def check_identity(spec: Spec, report: Report) -> None:
    """Report names of the package that Python, a library or the package itself uses."""
    declared = spec.openapi["x-package"]
    if not declared["module"].text or not declared["client"].text:
        return
    package = identity({name: member.text for name, member in declared.members() if member.text})
    module = declared["module"]
    if keyword.iskeyword(module.text):
        report.fault(module, f"'{module.text}' is a keyword of Python; choose another name", "package")
    elif module.text in sys.stdlib_module_names | LIBRARIES or hasattr(builtins, module.text):
        message = f"'{module.text}' is a name of Python or of a library; choose another name"
        report.fault(module, message, "package")
    elif re.sub(r"[._-]+", "_", package.distribution).lower() in LIBRARIES | {"pillow", "pyjwt", "pyyaml"}:
        message = f"'{package.distribution}' is a library that the package needs; choose another name"
        report.fault(declared["distribution"], message, "package")
    name = declared["name"] or declared["client"]
    if keyword.iskeyword(package.name) or package.name in FIXTURE_NAMES or hasattr(builtins, package.name):
        message = f"'{package.name}' is a name that Python or the package uses itself; choose another `name`"
        report.fault(name, message, "package")
    taken = MODULE_CLASSES | CLIENT_CLASSES | error_classes()
    for class_name in client_classes(package.client):
        if class_name in taken or hasattr(builtins, class_name) or keyword.iskeyword(class_name):
            message = f"the class {class_name} already exists in Python or the package; choose another name"
            report.fault(declared["client"], message, "package")
            break
    _check_former_names(declared["former-names"], report)
    error = declared["base-error"] or declared["client"]
    taken = error_classes() | {*client_classes(package.client)}
    if package.base_error in taken or hasattr(builtins, package.base_error):
        message = f"{package.base_error} is already a class of the client or of Python; choose another name"
        report.fault(error, message, "package")


def _check_former_names(former: Node, report: Report) -> None:
    """Check that a former attribute or command has gone, and that the new one exists."""
    for kind, names in (("attributes", client_attributes()), ("commands", commands())):
        for old, entry in former[kind].members():
            if old in names:
                report.fault(entry, f"'{old}' is a name that the package has now; remove it", "package")
            elif entry.text and entry.text not in names:
                hint = did_you_mean(entry.text, sorted(names))
                report.fault(entry, f"the package has no '{entry.text}' among its {kind}{hint}", "package")
