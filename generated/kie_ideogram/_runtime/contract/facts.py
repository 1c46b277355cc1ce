"""Finds operations by what they send and receive, and reads what they return."""

from collections.abc import Iterator
from typing import Any

from .model import Contract, Each, Needed, Operation, Pointer, ReplyFacts
from .pointer import get_pointer


def taking(contract: Contract, fact: str) -> Operation | None:
    """Return the operation that has an argument for a fact, such as `file.content`; None without one."""
    operations = contract.operations.values()
    return next((one for one in operations if any(part.holds == fact for part in one.arguments)), None)


def returning(contract: Contract, fact: str) -> Operation | None:
    """Return the operation whose reply holds a fact, such as `account.credits`; None without one."""
    return next((one for one in contract.operations.values() if fact in facts_of(one.reply)), None)


def balance_of(operation: Operation, reply: Any) -> float:
    """Return the account's credits from the reply of the operation that reads them."""
    place = place_of(operation.reply, "account.credits")
    found: float = get_pointer(reply.to_dict(), place) if place else reply
    return found


def task_resource(contract: Contract) -> str:
    """Return the name of the client's resource that reads tasks, such as `tasks`."""
    return contract.operations[contract.workflow.poll].call.partition(".")[0]


def place_of(reply: ReplyFacts, fact: str) -> Pointer | None:
    """Return the place of a fact in a reply; None if the reply does not hold it."""
    held = reply.holds if isinstance(reply, Needed) else reply
    if not isinstance(held, dict):
        return () if held == fact else None
    inner = ((name, place_of(member, fact)) for name, member in held.items())
    return next(((name, *place) for name, place in inner if place is not None), None)


def facts_of(reply: ReplyFacts) -> Iterator[str]:
    """Yield the facts that a reply holds."""
    if isinstance(reply, Needed):
        yield from facts_of(reply.holds)
    elif isinstance(reply, Each):
        yield from facts_of(reply.item)
    elif isinstance(reply, dict):
        for member in reply.values():
            yield from facts_of(member)
    elif reply:
        yield reply
