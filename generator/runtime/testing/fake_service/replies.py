"""Builds replies: the declared envelope around the data."""

from typing import Any

from ...contract.facts import facts_of
from ...contract.model import CannedReply, Contract, Operation, ReplyFacts


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
    code = contract.codes.get(declared.code)
    return declared._replace(msg=declared.msg or reason or (code.meaning if code else situation))


def fill(template: ReplyFacts, facts: dict[str, Any]) -> Any:
    """Return the data of a reply. Members whose fact is not known yet are left out."""
    if isinstance(template, str):
        return facts.get(template)
    known = facts.keys()
    return {
        name: fill(held, facts) for name, held in template.items() if not known.isdisjoint(facts_of(held))
    }


def http_status(contract: Contract, operation: Operation | None, reply: CannedReply) -> int:
    """Return the HTTP status of a reply: 200 if the verdict is in its body."""
    if contract.envelope.code:
        return 200
    return operation.status if operation and reply.code in contract.envelope.accepted else reply.code


def in_envelope(contract: Contract, operation: Operation | None, reply: CannedReply, data: Any) -> Any:
    """Return the body of a reply."""
    envelope = contract.envelope
    if not envelope.code:
        accepted = reply.code in envelope.accepted
        return data if accepted else dict.fromkeys(envelope.message[:1], reply.msg)
    ok = {envelope.ok: reply.code in envelope.accepted} if operation and operation.says_ok else {}
    return ok | {envelope.code: reply.code, envelope.message[0]: reply.msg, envelope.data: data}
