"""Builds replies: the declared envelope around the data."""

from typing import Any

from ...contract.model import CannedReply, Contract, Operation


class RefusedError(Exception):
    """A call is refused, in a situation that the contract declares.

    Args:
        situation: A situation of the contract, such as `unauthorized`.
        reason: The message, if the contract has none for the situation.
        reply: The reply, instead of the contract's.
    """

    def __init__(self, situation: str, reason: str = "", reply: CannedReply | None = None) -> None:
        super().__init__(situation, reason)
        self.situation = situation
        self.reason = reason
        self.reply = reply


def canned_reply(
    contract: Contract, operation: Operation | None, situation: str, reason: str = ""
) -> CannedReply:
    """Return the reply in a situation: the operation's, or else the contract's. `reason` is a default."""
    declared = (operation.canned_replies if operation else {}).get(situation) or contract.canned_replies[
        situation
    ]
    return declared._replace(msg=declared.msg or reason or contract.codes[declared.code].meaning)


def fill(template: str | dict[str, str], facts: dict[str, Any]) -> Any:
    """Return the data of a reply. Members whose fact is not known yet are left out."""
    if isinstance(template, str):
        return facts[template]
    return {name: facts[held] for name, held in template.items() if held in facts}


def in_envelope(
    contract: Contract, operation: Operation | None, reply: CannedReply, data: Any
) -> dict[str, Any]:
    """Return the body of a reply."""
    envelope = contract.envelope
    ok = {envelope.ok: reply.code in envelope.accepted} if operation and operation.says_ok else {}
    return ok | {envelope.code: reply.code, envelope.message[0]: reply.msg, envelope.data: data}
