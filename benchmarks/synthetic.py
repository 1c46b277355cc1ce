"""Create specs with many models from the real one, to measure how costs grow."""

import copy
import shutil
from pathlib import Path

import yaml

SPEC = Path(__file__).parent.parent / "spec"


def synthetic(models: int, directory: Path) -> Path:
    """Write a spec folder with `models` models, each a copy of the real one, to `directory`."""
    document = yaml.load((SPEC / "openapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    schemas = document["components"]["schemas"]
    create = schemas["CreateTaskRequest"]
    for number in range(1, models):
        request = copy.deepcopy(schemas["CharacterEditRequest"])
        request["properties"]["input"] = {"$ref": f"#/components/schemas/Synthetic{number}Input"}
        request["properties"]["model"] |= {
            "enum": [f"ideogram/synthetic-{number}"],
            "x-enum-varnames": [f"SYNTHETIC_{number}"],
            "default": f"ideogram/synthetic-{number}",
            "examples": [f"ideogram/synthetic-{number}"],
        }
        schemas[f"Synthetic{number}Request"] = request
        schemas[f"Synthetic{number}Input"] = copy.deepcopy(schemas["CharacterEditInput"])
        target = f"#/components/schemas/Synthetic{number}Request"
        create["oneOf"].append({"$ref": target})
        create["discriminator"]["mapping"][f"ideogram/synthetic-{number}"] = target
    directory.mkdir(parents=True)
    text = yaml.dump(document, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=1000)
    (directory / "openapi.yaml").write_text(text, encoding="utf-8")
    shutil.copy(SPEC / "workflows.arazzo.yaml", directory)
    return directory


class _NoAliases(yaml.CSafeDumper):
    """A dumper that repeats shared values instead of writing YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Return True, so that no alias is written."""
        return True
