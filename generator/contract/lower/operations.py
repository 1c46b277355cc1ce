"""Lowers the operations: what they send, and what their replies hold."""

from typing import Any, Literal

from generator.contract.load import Document
from generator.contract.lower.documents import Documents
from generator.contract.lower.models import argument
from generator.contract.lower.schemas import request_schema, response_schema
from generator.contract.names import method_name, snake
from generator.contract.openapi import fixed_headers
from generator.runtime.contract import model as runtime_model

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


class OperationLowering(Documents):
    """Lowers the operations."""

    def __init__(self, openapi: Document, arazzo: Document) -> None:
        super().__init__(openapi, arazzo)
        self.derived = self.derived_facts()

    def operation(self, name: str) -> runtime_model.Operation:
        """Return one operation."""
        path, method, operation, item = self.operations[name]
        server = operation.get("servers", item.get("servers", self.root["servers"]))[0]
        is_create = name in self.creates
        ok = self.root["x-envelope"].get("ok")
        content_type, members = ("application/json", {}) if is_create else self.members(operation)
        places = {
            parameter["name"]: parameter["in"]
            for parameter in map(self.resolve, operation.get("parameters", ()))
        }
        kinds: dict[str, Literal["", "json", "multipart"]] = {
            "": "",
            "application/json": "json",
            "multipart/form-data": "multipart",
        }
        return runtime_model.Operation(
            name=name,
            method=method.upper(),
            server=server["x-name"],
            path=path,
            body=kinds[content_type],
            repeatable=method == "get" or operation.get("x-repeatable", False),
            arguments=tuple(
                argument((wire,), schema, schema.get("x-client-default"))._replace(place=places.get(wire, ""))
                for wire, (schema, _) in members.items()
            ),
            schema=is_create
            or {
                "type": "object",
                "required": [wire for wire, (_, required) in members.items() if required],
                "properties": {
                    wire: request_schema(self.root, schema) for wire, (schema, _) in members.items()
                },
                "additionalProperties": False,
            },
            data=response_schema(self.root, self.data(operation)),
            wraps=self.wraps(self.reply_schema(operation)) or "data" not in self.root["x-envelope"],
            reply=self.reply(self.data(operation)),
            says_ok=bool(ok) and ok in self.accepted_reply(operation)["properties"],
            call=f"{snake(operation['tags'][0])}.{method_name(operation)}",
            status=self.accepted_status(operation),
            headers=fixed_headers(self.root, operation),
            lifetime=self.lifetime(self.data(operation)),
            canned_replies=self.canned_replies(operation),
        )

    def members(self, operation: dict[str, Any]) -> tuple[str, dict[str, tuple[dict[str, Any], bool]]]:
        """Return the media type of an operation's body, and its arguments.

        An argument is its name → (schema, required).
        """
        found: dict[str, tuple[dict[str, Any], bool]] = {}
        fixed = fixed_headers(self.root, operation)
        for parameter in map(self.resolve, operation.get("parameters", ())):
            if parameter["name"] in fixed:
                continue
            described = {"description": parameter.get("description", ""), **self.resolve(parameter["schema"])}
            found[parameter["name"]] = described, parameter.get("required", False)
        body = self.resolve(operation.get("requestBody", {"content": {}}))
        for media_type, content in body["content"].items():
            schema = self.resolve(content["schema"])
            for wire, member in schema["properties"].items():
                found[wire] = self.resolve(member), wire in schema.get("required", ())
            return media_type, found
        return "", found

    def reply(self, node: Any) -> runtime_model.ReplyFacts:
        """Return what a reply's data holds: of each member, or as a whole."""
        schema = self.resolve(node)
        if not isinstance(schema, dict):
            return ""
        fact = schema.get("x-holds", self.derived.get(id(schema)))
        if fact:
            return str(fact)
        properties = self.object_of(schema).get("properties", {})
        members = {name: self.reply(member) for name, member in properties.items()}
        return {name: held for name, held in members.items() if held}

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
            fact = "task.urls" if name == "urls" and schema.get("type") == "array" else OUTPUT_FACTS[name]
            found[id(schema)] = fact
        for create in self.creates:
            schema = self.resolve(self.data(self.operations[create][2]))
            for part in self.output_pointer(self.create, "id"):
                schema = self.resolve(schema["properties"][part])
            found[id(schema)] = "task.id"
        return found

    def lifetime(self, node: Any) -> float:
        """Return the lifetime, in seconds, of the URL in a schema; 0 without one."""
        seconds: float = self.declared_lifetime(node).get("seconds", 0)
        return seconds

    @staticmethod
    def canned_replies(owner: dict[str, Any]) -> dict[str, runtime_model.CannedReply]:
        """Return the replies in situations that the document or an operation declares."""
        declared = owner.get("x-verdicts", {})
        return {name: runtime_model.CannedReply(**entry) for name, entry in declared.items()}
