"""What a spec need not declare: the defaults of the document's extensions."""

from pathlib import Path
from typing import Any

from generator.contract.load import load

DEFAULTS: dict[str, Any] = load(Path(__file__).with_name("defaults.yaml")).data


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with the default of each extension that it leaves out."""
    whole = {**DEFAULTS, **document}
    whole["x-envelope"] = {**DEFAULTS["x-envelope"], **document.get("x-envelope", {})}
    whole["x-verdicts"] = {**DEFAULTS["x-verdicts"], **document.get("x-verdicts", {})}
    return whole
