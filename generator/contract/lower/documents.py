"""Finds the parts of the two documents that are lowered."""

from typing import Any

from generator.contract.defaults import completed
from generator.contract.load import Document
from generator.contract.openapi import accepted_status, declared_operations
from generator.contract.pointer import expression_pointer, reference_name, resolve
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.pointer import parse_pointer


class Documents:
    """The OpenAPI document with all defaults, and the steps of the workflows."""

    def __init__(self, openapi: Document, arazzo: Document) -> None:
        self.root: dict[str, Any] = completed(openapi.data)
        workflows = [flow["steps"] for flow in arazzo.data["workflows"]]
        self.creates = [steps[0]["operationId"] for steps in workflows]
        self.create, self.poll = workflows[0]
        self.operations: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
            operation["operationId"]: (path, method, operation, item)
            for path, method, operation, item in declared_operations(self.root)
        }
        schemas = self.root["components"]["schemas"]
        self.codes: dict[str, Any] = next(
            (schema["x-codes"] for schema in schemas.values() if "x-codes" in schema), self.root["x-codes"]
        )
        self.failure = next(schema for schema in schemas.values() if "x-role" in schema)
        self.by_status = "code" not in self.root["x-envelope"]

    def resolve(self, node: Any) -> Any:
        """Follow the `$ref` of a node within the OpenAPI document."""
        return resolve(self.root, node)

    def object_of(self, node: Any) -> Any:
        """Follow a reference, and a choice between an object and null."""
        schema = self.resolve(node)
        choices = map(self.resolve, schema.get("anyOf", ()) if isinstance(schema, dict) else ())
        return next((choice for choice in choices if "properties" in choice), schema)

    def schema(self, name: str) -> dict[str, Any]:
        """Return a component's schema as written."""
        found: dict[str, Any] = self.root["components"]["schemas"][name]
        return found

    def record_name(self) -> str:
        """Return the name of the schema of a task's record."""
        return reference_name(self.data(self.operations[self.poll["operationId"]][2]))

    @staticmethod
    def accepted_status(operation: dict[str, Any]) -> int:
        """Return the HTTP status of an accepted reply."""
        status = accepted_status(operation["responses"])
        assert status, "lint requires one"
        return int(status)

    def data(self, operation: dict[str, Any]) -> Any:
        """Return the schema of an accepted reply's data."""
        reply = self.reply_schema(operation)
        return self.members_of(reply)[self.root["x-envelope"]["data"]] if self.wraps(reply) else reply

    def wraps(self, schema: Any) -> bool:
        """Whether the reply or the callback of a schema has the data in a member."""
        return self.root["x-envelope"].get("data") in self.members_of(schema)

    def members_of(self, schema: Any) -> dict[str, Any]:
        """Return the members of an object."""
        found: dict[str, Any] = self.resolve(schema).get("properties", {})
        return found

    def reply_schema(self, operation: dict[str, Any]) -> Any:
        """Return the schema of an accepted reply; an empty one if it has no body."""
        if not self.by_status:
            return self.accepted_reply(operation)
        response = self.resolve(operation["responses"][str(self.accepted_status(operation))])
        content = response.get("content", {})
        return content["application/json"]["schema"] if content else {}

    def accepted_reply(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of an accepted reply."""
        envelope = self.root["x-envelope"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for choice in map(self.resolve, schema["anyOf"]):
            code = self.resolve(choice["properties"][envelope["code"]])
            if code.get("const") in envelope["accepted"]:
                return dict(choice)
        raise LookupError("lint requires that one choice is the accepted reply")

    def output_pointer(self, step: dict[str, Any], name: str) -> runtime_model.Pointer:
        """Return the place of an output of a step in the data of its reply."""
        pointer = expression_pointer(step["outputs"][name])
        reply = self.reply_schema(self.operations[step["operationId"]][2])
        return pointer[1:] if self.wraps(reply) else pointer

    def declared_lifetime(self, node: Any) -> dict[str, Any]:
        """Return the `x-lifetime` of a schema or of its first member that has one."""
        schema = self.resolve(node)
        described = (schema, *map(self.resolve, schema.get("properties", {}).values()))
        return next((dict(entry["x-lifetime"]) for entry in described if "x-lifetime" in entry), {})

    def bodies(self) -> dict[str, str]:
        """Map each model's name to the name of its request schema."""
        return {model: body for name in self.creates for model, body in self.operation_bodies(name).items()}

    def operation_bodies(self, name: str) -> dict[str, str]:
        """Map the name of each model that an operation submits to the name of its request schema."""
        node = self.operations[name][2]["requestBody"]["content"]["application/json"]["schema"]
        discriminator = self.resolve(node).get("discriminator")
        if discriminator is None:
            return {name: reference_name(node)}
        mapping = discriminator["mapping"]
        return {model: parse_pointer(target)[-1] for model, target in mapping.items()}

    def submits(self, model: str) -> tuple[str, str]:
        """Return the operation that submits a model, and the member that names the model there, if any."""
        name = next(name for name in self.creates if model in self.operation_bodies(name))
        node = self.operations[name][2]["requestBody"]["content"]["application/json"]["schema"]
        return name, self.resolve(node).get("discriminator", {}).get("propertyName", "")

    def callback(self) -> tuple[str, dict[str, Any]]:
        """Return the address and the operation that the service calls; nothing without callbacks."""
        for name in self.creates:
            for callback in self.operations[name][2].get("callbacks", {}).values():
                for address, item in callback.items():
                    return address, item["post"]
        return "", {}
