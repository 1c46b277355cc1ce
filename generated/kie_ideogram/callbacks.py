# Generated from spec/ by `make generate`. Do not edit.
"""Verifies the callbacks of tasks that have ended.

The service signs callbacks with the headers X-Webhook-Signature and X-Webhook-Timestamp, after you
have made a signing key in the account's settings. The signature covers the task id and the time, not the rest of
the body: call `confirm` to read the task from the service before you use its content.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ._contract import CONTRACT
from ._runtime.contract.wrong_arguments import explain_wrong_arguments
from ._runtime.http.webhooks import Headers, signing_key
from ._runtime.http.webhooks import verify as _verify
from .task import AsyncTask, ReportedTask, Task

if TYPE_CHECKING:
    from .client import AsyncKie, Kie

__all__ = ["Callback", "verify"]


class Callback(ReportedTask):
    """A task as a verified callback reports it. Only its `id` is verified; call `confirm` for the rest."""

    __slots__ = ()

    def confirm(self, kie: "Kie") -> Task:
        """Read the task from the service. Raises what `kie.tasks.get` raises."""
        return kie.tasks.get(self.id)

    async def aconfirm(self, kie: "AsyncKie") -> AsyncTask:
        """Read the task from the service, for asyncio. Raises what `kie.tasks.get` raises."""
        return await kie.tasks.get(self.id)


@explain_wrong_arguments
def verify(
    body: bytes,
    headers: Headers,
    *,
    secret: str | bytes,
    tolerance: float | None = None,
    now: float | None = None,
    seen: Callable[[str, str], bool] | None = None,
) -> Callback:
    """Check a callback's signature and return the task it reports.

    Args:
        body: The raw body of the request, at most 1 MiB.
        headers: The headers of the request: a mapping, the headers of `http.server`, a WSGI environ, or pairs of
            text or bytes. The names may have any case.
        secret: The account's signing key.
        tolerance: The allowed age in seconds, in the past or future. The default is 300.
        now: Unix time in seconds. The default is the current time.
        seen: Called with (task id, signature) after all other checks; returns True for a replay.

    Raises:
        SignatureError: The callback is unsigned, stale, forged, replayed or inconsistent, or an argument is
            invalid.
    """
    key = signing_key(secret)
    del secret  # tracebacks that show local variables must not show it
    task_id, record = _verify(CONTRACT, body, headers, key, tolerance=tolerance, now=now, seen=seen)
    return Callback(CONTRACT.workflow, task_id, record, None)
