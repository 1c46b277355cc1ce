"""Builds replies: the declared envelope around the data."""

from typing import Any

from ...contract.facts import facts_of
from ...contract.model import CannedReply, Contract, Delivery, Each, Needed, Operation, ReplyFacts


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
    if isinstance(template, Needed):
        # An object that must not be null is needed even if nothing in it is known.
        is_known = isinstance(template.value, dict) or not facts.keys().isdisjoint(facts_of(template.holds))
        found = fill(template.holds, facts) if template.holds and is_known else None
        return template.value if found is None else found
    if isinstance(template, Each):
        return [fill(template.item, {**facts, "task.url": url}) for url in facts.get("task.urls", ())]
    if isinstance(template, str):
        return facts.get(template)
    known = facts.keys()
    return {
        name: fill(held, facts)
        for name, held in template.items()
        if isinstance(held, Needed) or not known.isdisjoint(facts_of(held))
    }


def http_status(contract: Contract, operation: Operation | None, reply: CannedReply) -> int:
    """Return the HTTP status of a reply: 200 if the verdict is in its body."""
    if contract.envelope.code:
        return 200
    return operation.status if operation and reply.code in contract.envelope.accepted else reply.code


def in_envelope(contract: Contract, operation: Operation | None, reply: CannedReply, data: Any) -> Any:
    """Return the body of a reply."""
    envelope = contract.envelope
    if not envelope.code and reply.code not in envelope.accepted:
        return dict.fromkeys(envelope.message[:1], reply.msg)
    body = _wrapped(contract, operation, reply, data)
    if operation and operation.says_ok:
        return {envelope.ok: reply.code in envelope.accepted} | body
    return body


def callback_body(contract: Contract, delivery: Delivery, reply: CannedReply, record: Any) -> dict[str, Any]:
    """Return the body of a callback. The HTTP status of a reply says nothing about it."""
    body: dict[str, Any] = _wrapped(contract, delivery, reply, record)
    return body


def _wrapped(contract: Contract, message: Operation | Delivery | None, reply: CannedReply, data: Any) -> Any:
    envelope = contract.envelope
    if envelope.code:
        return {envelope.code: reply.code, envelope.message[0]: reply.msg, envelope.data: data}
    member = contract.data_member(message) if message else ""
    return {member: data} if member else data
