"""Lowers the two documents to the part of the contract that the runtime uses."""

from typing import Any

from generator.contract.identity import identity
from generator.contract.lower.models import ModelLowering
from generator.contract.lower.operations import OperationLowering
from generator.contract.lower.tasks import TaskLowering
from generator.contract.openapi import FAILURE_TYPES, key_header, security_scheme
from generator.contract.reserved import base_url_arguments
from generator.runtime.contract import model as runtime_model


class RuntimeLowering(OperationLowering, ModelLowering, TaskLowering):
    """Lowers everything that the runtime needs."""

    def api(self) -> runtime_model.Contract:
        """Return everything that the runtime knows about the API."""
        root = self.root
        retry = root["x-retry"]
        return runtime_model.Contract(
            version=root["info"]["version"],
            key_variable=self.key_variable(),
            variable_prefix=self.variable_prefix(),
            servers=self.servers(),
            operations={name: self.operation(name) for name in self.operations},
            models={name: self.model(name, body) for name, body in self.bodies().items()},
            codes={int(code): self.code(int(code), entry) for code, entry in self.codes.items()},
            envelope=self.envelope(),
            workflow=self.workflow(),
            callback=self.callback_schema(),
            signature=self.signature(),
            delivery=self.delivery(),
            canned_replies=self.canned_replies(root),
            retry=runtime_model.Retry(**{name.replace("-", "_"): value for name, value in retry.items()}),
            rate_limits=tuple(
                runtime_model.RateLimit(**{**entry, "operations": tuple(entry["operations"])})
                for entry in root["x-rate-limits"]
            ),
            timeouts=runtime_model.Timeouts(**root["x-timeouts"]),
            media=self.media(root["x-media"]),
            credit_price=(root["x-credit"]["price"], root["x-credit"]["currency"])
            if "x-credit" in root
            else None,
            key_header=key_header(root),
        )

    def envelope(self) -> runtime_model.Envelope:
        """Return where a reply has its verdict, its message and its data."""
        declared = self.root["x-envelope"]
        members = self.failure.get("properties", {})
        texts = [name for name, member in members.items() if self.resolve(member).get("type") == "string"]
        statuses = {self.accepted_status(operation) for _, _, operation, _ in self.operations.values()}
        return runtime_model.Envelope(
            code=declared.get("code", ""),
            message=tuple(declared.get("message", texts)),
            data=declared.get("data", ""),
            ok=declared.get("ok", ""),
            accepted=tuple(declared.get("accepted", sorted({200, *statuses}))),
            max_bytes=declared["max-bytes"],
            failure_type=self.failure_type(),
        )

    def failure_type(self) -> str:
        """Return the content type of a refusal: that of the first operation, which is one for all."""
        operation = self.operations[self.creates[0]][2]
        content = self.resolve(operation["responses"]["4XX"])["content"]
        return next(name for name in FAILURE_TYPES if name in content)

    def servers(self) -> tuple[runtime_model.Server, ...]:
        """Return the servers, each once."""
        found = {server["x-name"]: server for server in self.root["servers"]}
        for _, _, operation, item in self.operations.values():
            for server in operation.get("servers", item.get("servers", ())):
                found.setdefault(server["x-name"], server)
        return tuple(
            runtime_model.Server(
                name,
                server["url"],
                argument,
                self.variable_prefix() + argument.upper(),
                server.get("x-follows", ""),
            )
            for (name, server), argument in zip(found.items(), base_url_arguments(found), strict=True)
        )

    def variable_prefix(self) -> str:
        """Return what the environment variables begin with."""
        return identity(self.root["x-package"]).environment

    def key_variable(self) -> str:
        """Return the environment variable of the API key."""
        variable: str = security_scheme(self.root).get("x-env", f"{self.variable_prefix()}API_KEY")
        return variable

    @staticmethod
    def code(number: int, entry: dict[str, Any]) -> runtime_model.Code:
        """Return what a body code means for submissions and queries."""
        repeat = entry.get("repeat", ())
        return runtime_model.Code(
            code=number,
            meaning=entry["meaning"],
            error=entry.get("exception", ""),
            create=entry["create"],
            query=entry.get("query", "error"),
            repeat_create="create" in repeat,
            repeat_query="query" in repeat,
        )
