# Generated from spec/ by `make generate`. Do not edit.
"""Run many rows of arguments as one batch."""

from .._runtime.batch.resource import AsyncBatch as AsyncBatch
from .._runtime.batch.resource import Batch as Batch
