"""Lowers what the replies hold, for the sandbox: facts where it knows them, and values that a reply needs."""

from typing import Any

from generator.contract.load import Document
from generator.contract.lower.documents import Documents
from generator.contract.lower.schemas import is_nullable, sample
from generator.contract.openapi import url_member
from generator.runtime.contract import model as runtime_model

# Facts that the sandbox always knows: of files and accounts, of each task, and of a task, perhaps as null.
KNOWN = (
    "account.credits",
    "file.name",
    "file.path",
    "file.size",
    "file.stored",
    "file.time",
    "file.type",
    "file.url",
    "link.url",
)
KNOWN_OF_TASKS = ("task.created", "task.id", "task.model", "task.request", "task.result", "task.state")
NULL_UNTIL_KNOWN = ("task.completed", "task.fail-code", "task.fail-msg", "task.seconds")

# The fact that an output of the poll holds, for the sandbox.
OUTPUT_FACTS = {
    "id": "task.id",
    "model": "task.model",
    "state": "task.state",
    "urls": "task.url",
    "fail_code": "task.fail-code",
    "fail_msg": "task.fail-msg",
    "created_at": "task.created",
    "completed_at": "task.completed",
    "credits": "task.credits",
    "request": "task.request",
}


class ReplyLowering(Documents):
    """Lowers what the replies hold."""

    def __init__(self, openapi: Document, arazzo: Document) -> None:
        super().__init__(openapi, arazzo)
        self.derived = self.derived_facts()

    def reply(self, name: str) -> runtime_model.ReplyFacts:
        """Return what a reply's data holds: of each member, or as a whole."""
        of_task = name in (*self.creates, self.poll["operationId"])
        held = self.held(self.data(self.operations[name][2]), needed=True, certain=of_task)
        return held.holds if isinstance(held, runtime_model.Needed) and held.holds else held

    def held(self, node: Any, *, needed: bool, certain: bool) -> runtime_model.ReplyFacts:
        """Return what a part of a reply holds; "" if nothing.

        Args:
            node: The schema of the part.
            needed: Whether a reply must have it.
            certain: Whether the facts of a task are known.
        """
        schema = self.resolve(node)
        if not schema:
            return ""
        nullable = is_nullable(self.root, schema)
        fact = schema.get("x-holds", self.derived.get(id(schema), ""))
        if fact == "task.items":
            item = self.held(schema["items"], needed=True, certain=True)
            assert isinstance(item, runtime_model.Needed), "an item of the results is an object"
            held: runtime_model.ReplyFacts = runtime_model.Each(item.holds)
        elif fact:
            held = str(fact)
            known = KNOWN + (KNOWN_OF_TASKS if certain else ())
            known += NULL_UNTIL_KNOWN if certain and nullable else ()
            needed = needed and fact not in known
        else:
            members = self.object_of(schema).get("properties", {})
            required = self.object_of(schema).get("required", ())
            parts = {
                name: self.held(member, needed=name in required, certain=certain)
                for name, member in members.items()
            }
            held = {name: part for name, part in parts.items() if part}
        if not needed:
            return held
        return runtime_model.Needed(None if nullable else sample(self.root, schema), held or "")

    def derived_facts(self) -> dict[int, str]:
        """Map the schema of each output of the workflow, by its identity, to the fact that it holds."""
        found: dict[int, str] = {}
        record = self.data(self.operations[self.poll["operationId"]][2])
        for name in self.poll["outputs"]:
            schema = self.resolve(record)
            for part in self.output_pointer(self.poll, name):
                if "contentSchema" in schema:
                    found[id(schema)] = "task.result"
                schema = self.object_of(self.resolve(schema.get("contentSchema", schema))["properties"][part])
            if name == "urls" and "properties" in schema:
                schema = self.resolve(next(iter(schema["properties"].values())))
            fact = OUTPUT_FACTS[name]
            if name == "urls" and "items" in schema:
                item, fact = self.resolve(schema["items"]), "task.urls"
                if member := url_member(self.root, item):
                    found[id(self.resolve(item["properties"][member]))] = "task.url"
                    fact = "task.items"
            found[id(schema)] = fact
        for create in self.creates:
            schema = self.resolve(self.data(self.operations[create][2]))
            for part in self.output_pointer(self.create, "id"):
                schema = self.resolve(schema["properties"][part])
            found[id(schema)] = "task.id"
        return found
