"""How an answer is put into words: the declared envelope around what a reply holds."""

from typing import Any

from ...contract.model import Contract, Operation, Verdict


class RefusedError(Exception):
    """The service says no: in which situation, and why where the contract has no words for it.

    `said` comes before what the contract says of the situation.
    """

    def __init__(self, situation: str, reason: str = "", said: Verdict | None = None) -> None:
        super().__init__(situation, reason)
        self.situation = situation
        self.reason = reason
        self.said = said


def verdict(contract: Contract, operation: Operation | None, situation: str, reason: str = "") -> Verdict:
    """What an operation says in a situation: its own entry, else the contract's, else `reason`."""
    own = operation.verdicts if operation else {}
    declared = own.get(situation) or contract.verdicts[situation]
    return declared._replace(msg=declared.msg or reason or contract.codes[declared.code].meaning)


def fill(template: str | dict[str, str], facts: dict[str, Any]) -> Any:
    """Put facts where a reply holds them. What is no fact yet is left out."""
    if isinstance(template, str):
        return facts[template]
    return {name: facts[held] for name, held in template.items() if held in facts}


def enveloped(contract: Contract, operation: Operation | None, said: Verdict, data: Any) -> dict[str, Any]:
    """The whole reply."""
    envelope = contract.envelope
    ok = {envelope.ok: said.code in envelope.accepted} if operation and operation.says_ok else {}
    return ok | {envelope.code: said.code, envelope.message[0]: said.msg, envelope.data: data}
