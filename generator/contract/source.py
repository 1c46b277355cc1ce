"""Reads a spec folder: loads and checks its documents, and lowers them."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from generator.contract.lint import lint
from generator.contract.load import Document, load, parse, read_text
from generator.contract.lower.package import lower
from generator.contract.model import Contract
from generator.diagnostics import InputError

OPENAPI = "openapi.yaml"
ARAZZO = "workflows.arazzo.yaml"
RECORDINGS = "recordings"


class Source(NamedTuple):
    """The two documents, their contract, and the text of each recording by its path."""

    openapi: Document
    arazzo: Document
    contract: Contract
    recordings: dict[str, str]


def read_spec(spec: Path, edited: Mapping[str, str] = MappingProxyType({})) -> Source:
    """Load, check and lower the documents in a folder.

    `edited` has the text of each file that is not to be read from the folder. Raises `InputError` with
    every fault.
    """
    documents: list[Document] = []
    faults = []
    for name in (OPENAPI, ARAZZO):
        path = spec / name
        try:
            documents.append(parse(edited[name], path) if name in edited else load(path))
        except InputError as error:
            faults += error.diagnostics
    if not faults:
        faults = lint(*documents)
    if faults:
        raise InputError(faults)
    openapi, arazzo = documents
    folder = spec / RECORDINGS
    recordings = {
        path.relative_to(folder).as_posix(): read_text(path) for path in sorted(folder.glob("*/*.har"))
    }
    return Source(openapi, arazzo, lower(openapi, arazzo), recordings)
