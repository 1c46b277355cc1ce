"""Lowers the life of a task: its workflow, its outputs and its callbacks."""

from typing import Any, Literal

from generator.contract.lower.documents import Documents
from generator.contract.lower.schemas import response_schema
from generator.contract.names import snake
from generator.contract.openapi import url_member
from generator.contract.pointer import CONDITION, expression_pointer
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.pointer import parse_pointer


class TaskLowering(Documents):
    """Lowers the life of a task."""

    def workflow(self) -> runtime_model.Workflow:
        """Return the steps, states and waiting times of a task."""
        poll = self.poll
        states: dict[str, tuple[str, ...]] = {"success": self.states(poll["successCriteria"])}
        for action in poll["onFailure"]:
            states["pending" if action["type"] == "retry" else "failure"] = self.states(action["criteria"])
        retry = next(action for action in poll["onFailure"] if action["type"] == "retry")
        after, limit = retry["retryAfter"], retry["retryAfter"] * retry["retryLimit"]
        wait = {
            "initial-state": states["pending"][0],
            "schedule": [{"after": 0, "every": after}],
            "deadline": limit,
            **self.root["x-wait"],
            **retry.get("x-wait", {}),
        }
        grace = min(wait["not-visible-grace"], wait["deadline"])
        record = self.data(self.operations[poll["operationId"]][2])
        return runtime_model.Workflow(
            creates=tuple(self.creates),
            poll=poll["operationId"],
            poll_argument=snake(poll["parameters"][0]["name"]),
            created_id=self.output_pointer(self.create, "id"),
            outputs={
                name: self.output(name, self.output_pointer(poll, name), record) for name in poll["outputs"]
            },
            wait=runtime_model.Wait(
                initial=wait["initial-state"],
                success=states["success"],
                failure=states["failure"],
                pending=states["pending"],
                schedule=tuple((step["after"], step["every"]) for step in wait["schedule"]),
                jitter=wait["jitter"],
                deadline=wait["deadline"],
                grace=grace,
                result_grace=wait["empty-result-grace"],
            ),
        )

    def states(self, criteria: list[dict[str, str]]) -> tuple[str, ...]:
        """Return the states that a list of criteria names."""
        matches = (match for criterion in criteria for match in CONDITION.finditer(criterion["condition"]))
        return tuple(match["value"] for match in matches)

    def output(self, name: str, where: runtime_model.Pointer, record: Any) -> runtime_model.Output:
        """Return where the record of a task has a value, its unit and its lifetime."""
        schema = self.resolve(record)
        for part in where:
            schema = self.resolve(schema.get("contentSchema", schema))
            schema = self.object_of(schema["properties"][part])
        life = self.declared_lifetime(schema)
        return runtime_model.Output(
            where,
            unit=schema.get("x-unit", ""),
            lifetime=life.get("seconds", 0),
            form=self.form(schema) if name == "urls" else "list",
            member=url_member(self.root, schema["items"]) if name == "urls" and "items" in schema else "",
            renew=life.get("renew-with", ""),
            stored=life.get("stored", 0),
        )

    def form(self, schema: dict[str, Any]) -> Literal["list", "one", "members", "objects"]:
        """Return in which form a schema has URLs."""
        kind = schema.get("type", "array")
        if "items" in schema and url_member(self.root, schema["items"]):
            return "objects"
        return "list" if "array" in kind else "members" if "object" in kind else "one"

    def callback_schema(self) -> runtime_model.Schema:
        """Return the schema of the callback's body."""
        called = self.callback()[1]
        if not called:
            return True
        return response_schema(self.root, called["requestBody"]["content"]["application/json"]["schema"])

    def signature(self) -> runtime_model.Signature | None:
        """Return how a callback is signed; None if it is not."""
        declared = self.callback()[1].get("x-signature")
        if declared is None:
            return None
        return runtime_model.Signature(
            text=declared["text"],
            signature_header=declared["signature-header"],
            timestamp_header=declared["timestamp-header"],
            tolerance=declared["tolerance"],
            task_ids=tuple(parse_pointer(where) for where in declared["task-id"]),
        )

    def delivery(self) -> runtime_model.Delivery | None:
        """Return how callbacks are delivered, and where a request names their URL; None without callbacks."""
        address, called = self.callback()
        if not called:
            return None
        body = called["requestBody"]["content"]["application/json"]["schema"]
        return runtime_model.Delivery(
            url=expression_pointer(address), wraps=self.wraps(body), **called["x-delivery"]
        )
