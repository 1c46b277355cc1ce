"""The way in: reads a spec folder to the checked contract."""

from pathlib import Path
from typing import NamedTuple

from generator.contract.lint import lint
from generator.contract.load import Document, load
from generator.contract.lower import lower
from generator.contract.model import Contract
from generator.diagnostics import InputError

OPENAPI = "openapi.yaml"
ARAZZO = "workflows.arazzo.yaml"


class Source(NamedTuple):
    """The two documents and what they lower to."""

    openapi: Document
    arazzo: Document
    contract: Contract


def read(spec: Path) -> Source:
    """Load, lint and lower the documents in the folder `spec`. Raises `InputError` with every fault."""
    documents: list[Document] = []
    faults = []
    for name in (OPENAPI, ARAZZO):
        try:
            documents.append(load(spec / name))
        except InputError as error:
            faults += error.diagnostics
    if not faults:
        faults = lint(*documents)
    if faults:
        raise InputError(faults)
    openapi, arazzo = documents
    return Source(openapi, arazzo, lower(openapi, arazzo))
