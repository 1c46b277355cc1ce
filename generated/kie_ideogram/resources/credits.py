# Generated from spec/ by `make generate`. Do not edit.
"""Read the account's credit balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._runtime.contract.wrong_arguments import explain_wrong_arguments
from .._runtime.http.transport.raw_response import async_raw, raw
from ..task import AsyncTask, Task

if TYPE_CHECKING:
    from .._runtime.tasks.context import AsyncContext, SyncContext


class Credits:
    """Read the account's credit balance."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Task]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> CreditsWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return CreditsWithRawResponse(self)

    @explain_wrong_arguments
    def get(
        self,
        *,
        timeout: float | None = None,
    ) -> float:
        """Read the credit balance.

        The call does not start a task, so it can also check the API key.

        Documentation: https://docs.kie.ai/common-api/get-account-credits

        Args:
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {}
        data = self._context.run(self._context.session.call("getCredits", arguments), timeout)
        result: float = data
        return result


class CreditsWithRawResponse:
    """Calls of `Credits` that return a `RawResponse`."""

    def __init__(self, resource: Credits) -> None:
        self.get = raw(resource.get)


class AsyncCredits:
    """Read the account's credit balance."""

    __slots__ = ("_context",)

    def __init__(self, context: AsyncContext[AsyncTask]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> AsyncCreditsWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return AsyncCreditsWithRawResponse(self)

    @explain_wrong_arguments
    async def get(
        self,
        *,
        timeout: float | None = None,
    ) -> float:
        """Read the credit balance.

        The call does not start a task, so it can also check the API key.

        Documentation: https://docs.kie.ai/common-api/get-account-credits

        Args:
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {}
        data = await self._context.run(self._context.session.call("getCredits", arguments), timeout)
        result: float = data
        return result


class AsyncCreditsWithRawResponse:
    """Calls of `AsyncCredits` that return a `RawResponse`."""

    def __init__(self, resource: AsyncCredits) -> None:
        self.get = async_raw(resource.get)
