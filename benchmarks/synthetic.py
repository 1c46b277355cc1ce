"""Create specs with many models from the real one, to measure how costs grow."""

import copy
import shutil
from pathlib import Path
from typing import Any

import yaml

SPEC = Path(__file__).parent.parent / "spec"
PREFIX = "#/components/schemas/"


def synthetic(models: int, directory: Path) -> Path:
    """Write a spec with `models` models to `directory`: the real ones in order, then copies of them."""
    document = yaml.load((SPEC / "openapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    schemas = document["components"]["schemas"]
    mapping = schemas["CreateTaskRequest"]["discriminator"]["mapping"]
    real = [target.removeprefix(PREFIX) for target in mapping.values()]
    for number in range(len(real), models):
        template = real[number % len(real)]
        mapping[f"synthetic/{number}-{template.lower()}"] = f"{PREFIX}Synthetic{number}Request"
        _copy_model(schemas, template, f"synthetic/{number}-{template.lower()}", f"Synthetic{number}")
    for model, target in list(mapping.items())[models:]:
        del mapping[model]
        request = schemas.pop(target.removeprefix(PREFIX))
        del schemas[_input_of(request)]
    schemas["CreateTaskRequest"]["oneOf"] = [{"$ref": target} for target in mapping.values()]
    directory.mkdir(parents=True)
    text = yaml.dump(document, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=1000)
    (directory / "openapi.yaml").write_text(text, encoding="utf-8")
    shutil.copy(SPEC / "workflows.arazzo.yaml", directory)
    return directory


def _copy_model(schemas: dict[str, Any], template: str, model: str, name: str) -> None:
    """Add a copy of the schemas of a model under another name."""
    request = copy.deepcopy(schemas[template])
    schemas[f"{name}Input"] = copy.deepcopy(schemas[_input_of(request)])
    request["properties"]["input"] = {"$ref": f"{PREFIX}{name}Input"}
    request["properties"]["model"] |= {
        "enum": [model],
        "x-enum-varnames": [name.upper()],
        "default": model,
        "examples": [model],
    }
    request["x-python-name"] = name.lower()
    schemas[f"{name}Request"] = request


def _input_of(request: dict[str, Any]) -> str:
    reference: str = request["properties"]["input"]["$ref"]
    return reference.removeprefix(PREFIX)


class _NoAliases(yaml.CSafeDumper):
    """A dumper that repeats shared values instead of writing YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Return True, so that no alias is written."""
        return True
