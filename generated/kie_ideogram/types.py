# Generated from spec/ by `make generate`. Do not edit.
"""Types to annotate with: what the client's methods take and return."""

from typing import TYPE_CHECKING

# What the typed models use.
from ._model_types import UNSET as UNSET
from ._model_types import File as File
from ._model_types import FileTypes as FileTypes
from ._model_types import RequestFiles as RequestFiles
from ._model_types import Unset as Unset

if TYPE_CHECKING:
    from ._runtime.batch.output.outcome import Outcome as BatchOutcome
    from ._runtime.batch.plan import BatchEstimate
    from ._runtime.batch.resource import AsyncBatchRun, BatchRun
    from ._runtime.batch.running.state import BatchStatus
    from ._runtime.core.errors import Fault
    from ._runtime.core.reporting.callback import ByteProgress as UploadProgress
    from ._runtime.http.limits.rate_limiter import SharedRateLimiter
    from ._runtime.http.transport.raw_response import RawResponse
    from ._runtime.http.webhooks import Headers
    from ._runtime.media.files import File as FileInput
    from ._runtime.media.inputs import Picture
    from ._runtime.media.validate import ImageReport
    from ._runtime.tasks.results.progress import Progress
    from ._runtime.tasks.run import DryRun, Result
    from ._runtime.tasks.submit.recovery import (
        DuplicateCharge,
        SettledSubmission,
        UnknownSubmission,
    )
    from .callbacks import Callback
    from .task import AsyncTask, Task

# Name → module and attribute; imported when first used.
_HOMES = {
    "AsyncBatchRun": ("_runtime.batch.resource", "AsyncBatchRun"),
    "AsyncTask": ("task", "AsyncTask"),
    "BatchEstimate": ("_runtime.batch.plan", "BatchEstimate"),
    "BatchOutcome": ("_runtime.batch.output.outcome", "Outcome"),
    "BatchRun": ("_runtime.batch.resource", "BatchRun"),
    "BatchStatus": ("_runtime.batch.running.state", "BatchStatus"),
    "Callback": ("callbacks", "Callback"),
    "DryRun": ("_runtime.tasks.run", "DryRun"),
    "DuplicateCharge": ("_runtime.tasks.submit.recovery", "DuplicateCharge"),
    "Fault": ("_runtime.core.errors", "Fault"),
    "FileInput": ("_runtime.media.files", "File"),
    "Headers": ("_runtime.http.webhooks", "Headers"),
    "ImageReport": ("_runtime.media.validate", "ImageReport"),
    "Picture": ("_runtime.media.inputs", "Picture"),
    "Progress": ("_runtime.tasks.results.progress", "Progress"),
    "RawResponse": ("_runtime.http.transport.raw_response", "RawResponse"),
    "Result": ("_runtime.tasks.run", "Result"),
    "SettledSubmission": ("_runtime.tasks.submit.recovery", "SettledSubmission"),
    "SharedRateLimiter": ("_runtime.http.limits.rate_limiter", "SharedRateLimiter"),
    "Task": ("task", "Task"),
    "UnknownSubmission": ("_runtime.tasks.submit.recovery", "UnknownSubmission"),
    "UploadProgress": ("_runtime.media.files", "Count"),
}

__all__ = [
    "AsyncBatchRun",
    "AsyncTask",
    "BatchEstimate",
    "BatchOutcome",
    "BatchRun",
    "BatchStatus",
    "Callback",
    "DryRun",
    "DuplicateCharge",
    "Fault",
    "FileInput",
    "Headers",
    "ImageReport",
    "Picture",
    "Progress",
    "RawResponse",
    "Result",
    "SettledSubmission",
    "SharedRateLimiter",
    "Task",
    "UnknownSubmission",
    "UploadProgress",
]

if not TYPE_CHECKING:

    def __getattr__(name):
        from importlib import import_module

        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, attribute = _HOMES[name]
        value = getattr(import_module(f".{module}", __package__), attribute)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
