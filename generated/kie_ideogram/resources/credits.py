# Generated from spec/ by `make generate`. Do not edit.
"""The account's balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..client import AsyncKie, Kie


class Credits:
    """The account's balance."""

    __slots__ = ("_kie",)

    def __init__(self, kie: Kie) -> None:
        self._kie = kie

    def get(
        self,
    ) -> float:
        """Read the credit balance.

        Starts no task, so it also serves as a check of the key.

        Documentation: https://docs.kie.ai/common-api/get-account-credits

        Raises:
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, and kept failing.
            ResponseFormatError: The reply was not what the contract says, and kept being so.
        """
        arguments: dict[str, Any] = {}
        data = self._kie.run(self._kie.core.call("getCredits", arguments))
        result: float = data
        return result


class AsyncCredits:
    """The account's balance."""

    __slots__ = ("_kie",)

    def __init__(self, kie: AsyncKie) -> None:
        self._kie = kie

    async def get(
        self,
    ) -> float:
        """Read the credit balance.

        Starts no task, so it also serves as a check of the key.

        Documentation: https://docs.kie.ai/common-api/get-account-credits

        Raises:
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, and kept failing.
            ResponseFormatError: The reply was not what the contract says, and kept being so.
        """
        arguments: dict[str, Any] = {}
        data = await self._kie.run(self._kie.core.call("getCredits", arguments))
        result: float = data
        return result
