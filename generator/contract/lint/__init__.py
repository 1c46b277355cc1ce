"""Proves that the documents declare a whole contract, so that nothing in them is dropped without a word."""

from generator.contract.lint.reader import references, shape
from generator.contract.lint.reader.node import Report, Spec
from generator.contract.lint.rules import (
    codes,
    extensions,
    models,
    naming,
    operations,
    requests,
    schemas,
    service,
    workflow,
)
from generator.contract.load import Document
from generator.diagnostics import Diagnostic

CHECKS = (
    shape.check,
    references.check,
    schemas.check,
    requests.check,
    operations.check,
    models.check,
    codes.check,
    workflow.check,
    extensions.check,
    service.check,
    naming.check,
)

# A schema with one of these cannot be applied to a value.
UNUSABLE = {"wrong-value", "ref-dangling", "ref-cycle"}


def lint(openapi: Document, arazzo: Document) -> list[Diagnostic]:
    """Return every fault of the pair of documents."""
    spec, report = Spec(openapi, arazzo), Report()
    for check in CHECKS:
        check(spec, report)
    if not any(fault.rule in UNUSABLE for fault in report.faults):
        schemas.check_values(spec, report)
    return report.faults
