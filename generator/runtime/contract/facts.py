"""Finds operations by what they send and receive, and reads what they return."""

from collections.abc import Iterator
from typing import Any

from .model import Contract, Operation, ReplyFacts


def taking(contract: Contract, fact: str) -> Operation | None:
    """Return the operation that has an argument for a fact, such as `file.content`; None without one."""
    operations = contract.operations.values()
    return next((one for one in operations if any(part.holds == fact for part in one.arguments)), None)


def returning(contract: Contract, fact: str) -> Operation | None:
    """Return the operation whose reply holds a fact, such as `account.credits`; None without one."""
    return next((one for one in contract.operations.values() if fact in facts_of(one.reply)), None)


def balance_of(operation: Operation, reply: Any) -> float:
    """Return the account's credits from the reply of the operation that reads them."""
    if not isinstance(operation.reply, dict):
        balance: float = reply
        return balance
    member = next(name for name, fact in operation.reply.items() if fact == "account.credits")
    found: float = reply.to_dict()[member]
    return found


def task_resource(contract: Contract) -> str:
    """Return the name of the client's resource that reads tasks, such as `tasks`."""
    return contract.operations[contract.workflow.poll].call.partition(".")[0]


def facts_of(reply: ReplyFacts) -> Iterator[str]:
    """Yield the facts that a reply holds."""
    if isinstance(reply, dict):
        for member in reply.values():
            yield from facts_of(member)
    elif reply:
        yield reply
