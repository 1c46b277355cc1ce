"""Checks that the spec declares a complete contract, and that nothing is ignored."""

from generator.contract.lint.reader.node import Report, Spec
from generator.contract.lint.reader.references import check_references
from generator.contract.lint.reader.shape import check_shape
from generator.contract.lint.rules.codes import check_codes
from generator.contract.lint.rules.extensions import check_extensions
from generator.contract.lint.rules.identity import check_identity
from generator.contract.lint.rules.models import check_models
from generator.contract.lint.rules.naming import check_names
from generator.contract.lint.rules.operations import check_operations
from generator.contract.lint.rules.prices import check_prices
from generator.contract.lint.rules.requests import check_requests
from generator.contract.lint.rules.schemas import check_defaults_and_examples, check_schemas
from generator.contract.lint.rules.service import check_service_facts
from generator.contract.lint.rules.workflow import check_workflow
from generator.contract.load import Document
from generator.diagnostics import Diagnostic

CHECKS = (
    check_shape,
    check_references,
    check_schemas,
    check_requests,
    check_operations,
    check_models,
    check_prices,
    check_codes,
    check_workflow,
    check_extensions,
    check_service_facts,
    check_names,
    check_identity,
)

# A schema with one of these faults cannot be applied to a value.
UNUSABLE = {"wrong-value", "ref-dangling", "ref-cycle"}


def lint(openapi: Document, arazzo: Document) -> list[Diagnostic]:
    """Return every fault of the two documents."""
    spec, report = Spec(openapi, arazzo), Report()
    for check in CHECKS:
        check(spec, report)
    if not any(fault.rule in UNUSABLE for fault in report.faults):
        check_defaults_and_examples(spec, report)
    return report.faults
