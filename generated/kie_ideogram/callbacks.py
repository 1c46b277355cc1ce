# Generated from spec/ by `make generate`. Do not edit.
"""Receives the callbacks of settled tasks.

A callback is signed with X-Webhook-Signature and X-Webhook-Timestamp once a signing key exists in
the account's settings. The signature covers the task id and the time, not the body: `confirm` reads
the task back before anything is done with its content.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ._contract import CONTRACT
from ._runtime.core.renamed import refuse_former_arguments
from ._runtime.http.webhooks import Headers
from ._runtime.http.webhooks import verify as _verify
from .task import AsyncTask, ReportedTask, Task

if TYPE_CHECKING:
    from .client import AsyncKie, Kie

__all__ = ["Callback", "verify"]


class Callback(ReportedTask):
    """A task as a verified callback reports it. Only its `id` is proven; `confirm` for the rest."""

    __slots__ = ()

    def confirm(self, kie: "Kie") -> Task:
        """Read the task back from the service. Raises what `kie.tasks.get` raises."""
        return kie.tasks.get(self.id)

    async def aconfirm(self, kie: "AsyncKie") -> AsyncTask:
        """Read the task back from the service; for asyncio."""
        return await kie.tasks.get(self.id)


@refuse_former_arguments(key="secret")
def verify(
    body: bytes,
    headers: Headers,
    *,
    secret: str,
    tolerance: float | None = None,
    now: float | None = None,
    seen: Callable[[str, str], bool] | None = None,
) -> Callback:
    """Check a callback's signature and return the task it reports.

    Args:
        body: The request's body as received, bytes.
        headers: Its headers as text or bytes, a mapping or pairs; names in any case.
        secret: The account's signing key, text.
        tolerance: Allowed age in seconds, either way; 300 unless given.
        now: Unix time in seconds; the clock's unless given.
        seen: Asked with (task id, signature) once all else holds; True refuses a replay.

    Raises:
        SignatureError: Unsigned, stale, forged, replayed, or naming different tasks.
    """
    task_id, record = _verify(CONTRACT, body, headers, secret, tolerance=tolerance, now=now, seen=seen)
    return Callback(CONTRACT.workflow, task_id, record, None)
