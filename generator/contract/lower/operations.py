"""Lowers the operations: what they send, and what their replies hold."""

from typing import Any, Literal

from generator.contract.lower.models import argument
from generator.contract.lower.replies import ReplyLowering
from generator.contract.lower.schemas import request_schema, response_schema
from generator.contract.names import method_name, snake
from generator.contract.openapi import fixed_headers
from generator.runtime.contract import model as runtime_model


class OperationLowering(ReplyLowering):
    """Lowers the operations."""

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
            reply=self.reply(name),
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

    def lifetime(self, node: Any) -> float:
        """Return the lifetime, in seconds, of the URL in a schema; 0 without one."""
        seconds: float = self.declared_lifetime(node).get("seconds", 0)
        return seconds

    @staticmethod
    def canned_replies(owner: dict[str, Any]) -> dict[str, runtime_model.CannedReply]:
        """Return the replies in situations that the document or an operation declares."""
        declared = owner.get("x-verdicts", {})
        return {name: runtime_model.CannedReply(**entry) for name, entry in declared.items()}
