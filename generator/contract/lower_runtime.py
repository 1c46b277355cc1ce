"""Lowers the two documents to the part of the contract that the runtime uses."""

from typing import Any, Literal

from generator.contract.defaults import completed
from generator.contract.identity import identity
from generator.contract.load import Document
from generator.contract.lower_price import pixels, price
from generator.contract.names import picture, resource, snake
from generator.contract.openapi import BINARY, declared_operations, fixed_headers, has_file, key_header
from generator.contract.pointer import CONDITION, expression_pointer, reference_name, resolve
from generator.contract.reserved import base_url_arguments
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.json_schema import KEYWORDS
from generator.runtime.contract.pointer import parse_pointer

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


class RuntimeLowering:
    """Lowers each part of the two documents that the runtime needs."""

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
        self.derived = self.derived_facts()

    def schema(self, name: str) -> dict[str, Any]:
        """Return a component's schema as written."""
        found: dict[str, Any] = self.root["components"]["schemas"][name]
        return found

    def security(self) -> dict[str, Any]:
        """How a request is authorized."""
        found: dict[str, Any] = next(iter(self.root["components"]["securitySchemes"].values()))
        return found

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
            accepted=tuple(declared.get("accepted", sorted(statuses))),
            max_bytes=declared["max-bytes"],
        )

    @staticmethod
    def accepted_status(operation: dict[str, Any]) -> int:
        """Return the HTTP status of an accepted reply."""
        return int(next(status for status in operation["responses"] if status.startswith("2")))

    def key_variable(self) -> str:
        """Return the environment variable of the API key."""
        variable: str = self.security().get("x-env", f"{self.variable_prefix()}API_KEY")
        return variable

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
                self.argument((wire,), schema, schema.get("x-client-default"))._replace(
                    place=places.get(wire, "")
                )
                for wire, (schema, _) in members.items()
            ),
            schema=is_create
            or {
                "type": "object",
                "required": [wire for wire, (_, required) in members.items() if required],
                "properties": {wire: self.request_schema(schema) for wire, (schema, _) in members.items()},
                "additionalProperties": False,
            },
            data=self.response_schema(self.data(operation)),
            reply=self.reply(self.data(operation)),
            says_ok=bool(ok) and ok in self.accepted_reply(operation)["properties"],
            call=f"{snake(operation['tags'][0])}.{operation['x-python-name']}",
            status=self.accepted_status(operation),
            headers=fixed_headers(self.root, operation),
            lifetime=self.lifetime(self.data(operation)),
            canned_replies=self.canned_replies(operation),
        )

    @staticmethod
    def argument(path: runtime_model.Pointer, schema: dict[str, Any], default: Any) -> runtime_model.Argument:
        """Return a member of a request as the caller's argument."""
        former = schema.get("x-former-names", ())
        # Each spelling that a caller may have used: on the wire, as an argument, as a file.
        spellings = [*former, *map(snake, former), *(map(picture, former) if has_file(schema) else ())]
        return runtime_model.Argument(
            snake(path[-1]), path, default, schema.get("x-holds", ""), tuple(dict.fromkeys(spellings))
        )

    @staticmethod
    def canned_replies(owner: dict[str, Any]) -> dict[str, runtime_model.CannedReply]:
        """Return the replies in situations that the document or an operation declares."""
        declared = owner.get("x-verdicts", {})
        return {name: runtime_model.CannedReply(**entry) for name, entry in declared.items()}

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
        for name, text in self.poll["outputs"].items():
            schema = self.resolve(record)
            for part in self.in_data(text):
                if "contentSchema" in schema:
                    found[id(schema)] = "task.result"
                schema = self.object_of(self.resolve(schema.get("contentSchema", schema))["properties"][part])
            if name == "urls" and "properties" in schema:
                schema = self.resolve(next(iter(schema["properties"].values())))
            fact = "task.urls" if name == "urls" and schema.get("type") == "array" else OUTPUT_FACTS[name]
            found[id(schema)] = fact
        for create in self.creates:
            schema = self.resolve(self.data(self.operations[create][2]))
            for part in self.in_data(self.create["outputs"]["id"]):
                schema = self.resolve(schema["properties"][part])
            found[id(schema)] = "task.id"
        return found

    def lifetime(self, node: Any) -> float:
        """Return the lifetime, in seconds, of the URL in a schema; 0 without one."""
        seconds: float = self.declared_lifetime(node).get("seconds", 0)
        return seconds

    def declared_lifetime(self, node: Any) -> dict[str, Any]:
        """Return the `x-lifetime` of a schema or of its first member that has one."""
        schema = self.resolve(node)
        described = (schema, *map(self.resolve, schema.get("properties", {}).values()))
        return next((dict(entry["x-lifetime"]) for entry in described if "x-lifetime" in entry), {})

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

    def data(self, operation: dict[str, Any]) -> Any:
        """Return the schema of an accepted reply's data."""
        if not self.by_status:
            return self.accepted_reply(operation)["properties"][self.root["x-envelope"]["data"]]
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

    def model(self, name: str, body: str) -> runtime_model.Model:
        """Return a model: its request schema, arguments, images and price."""
        schema = self.schema(body)
        operation, discriminator = self.submits(name)
        return runtime_model.Model(
            name=name,
            resource=resource(name, schema.get("x-python-name", "")),
            arguments=tuple(
                self.argument(path, member, member.get("default"))
                for path, member, _ in self.model_members(body, discriminator)
            ),
            schema=self.request_schema(schema),
            operation=operation,
            discriminator=discriminator,
            price=price(self.root, schema),
            images=tuple(
                self.image(path, member, listed=member["type"] == "array")
                for path, member, _ in self.model_members(body, discriminator)
                if has_file(member)
            ),
            media=self.media(schema["x-media"]) if "x-media" in schema else None,
            pixels=pixels(self.model_members(body, discriminator)),
        )

    @staticmethod
    def media(declared: dict[str, Any]) -> runtime_model.Media:
        """Return what results are, of the service or of a model."""
        return runtime_model.Media(types=tuple(declared["types"]), max_bytes=declared["max-bytes"])

    @staticmethod
    def image(path: runtime_model.Pointer, schema: dict[str, Any], listed: bool) -> runtime_model.Image:
        """Return what a member that holds the URL of a file declares about the file."""
        declared = schema.get("x-image") or {"role": "", **schema["x-file"]}
        same_size_as = declared.get("same-size-as")
        return runtime_model.Image(
            path=path,
            role=declared["role"],
            types=tuple(declared["media-types"]),
            max_bytes=declared["max-bytes"],
            listed=listed,
            max_total_bytes=declared.get("max-total-bytes", 0),
            same_size_as=(*path[:-1], same_size_as) if same_size_as else (),
            used=declared.get("used", 0),
            argument=picture(path[-1], declared.get("argument", "")),
            repaints=declared.get("repaints", {}).get("colour", ""),
            is_picture="x-image" in schema,
        )

    def model_members(
        self, body: str, discriminator: str
    ) -> list[tuple[runtime_model.Pointer, dict[str, Any], str]]:
        """Return a model's arguments: the members of its objects, then the others.

        Each is a path, its schema, and the name of the schema that it is a member of.
        """
        inner: list[tuple[runtime_model.Pointer, dict[str, Any], str]] = []
        outer: list[tuple[runtime_model.Pointer, dict[str, Any], str]] = []
        for wire, member in self.schema(body)["properties"].items():
            schema = self.resolve(member)
            if schema.get("type") == "object" and "properties" in schema:
                owner = reference_name(member)
                inner += [
                    ((wire, name), self.resolve(part), owner) for name, part in schema["properties"].items()
                ]
            elif wire != discriminator:
                outer.append(((wire,), schema, body))
        return inner + outer

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
            created_id=self.in_data(self.create["outputs"]["id"]),
            outputs={
                name: self.output(name, self.in_data(text), record) for name, text in poll["outputs"].items()
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

    def in_data(self, expression: str) -> runtime_model.Pointer:
        """Return the pointer of an expression from the data of a reply on."""
        pointer = expression_pointer(expression)
        return pointer if self.by_status else pointer[1:]

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
            renew=life.get("renew-with", ""),
            stored=life.get("stored", 0),
        )

    @staticmethod
    def form(schema: dict[str, Any]) -> Literal["list", "one", "members"]:
        """Return in which form a schema has URLs."""
        kind = schema.get("type", "array")
        return "list" if "array" in kind else "members" if "object" in kind else "one"

    def object_of(self, node: Any) -> Any:
        """Follow a reference, and a choice between an object and null."""
        schema = self.resolve(node)
        choices = map(self.resolve, schema.get("anyOf", ()) if isinstance(schema, dict) else ())
        return next((choice for choice in choices if "properties" in choice), schema)

    def states(self, criteria: list[dict[str, str]]) -> tuple[str, ...]:
        """Return the states that a list of criteria names."""
        matches = (match for criterion in criteria for match in CONDITION.finditer(criterion["condition"]))
        return tuple(match["value"] for match in matches)

    def record_name(self) -> str:
        """Return the name of the schema of a task's record."""
        return reference_name(self.data(self.operations[self.poll["operationId"]][2]))

    def callback(self) -> tuple[str, dict[str, Any]]:
        """Return the address and the operation that the service calls; nothing without callbacks."""
        for name in self.creates:
            for callback in self.operations[name][2].get("callbacks", {}).values():
                for address, item in callback.items():
                    return address, item["post"]
        return "", {}

    def callback_schema(self) -> runtime_model.Schema:
        """Return the schema of the callback's body."""
        called = self.callback()[1]
        if not called:
            return True
        return self.response_schema(called["requestBody"]["content"]["application/json"]["schema"])

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
        return runtime_model.Delivery(url=expression_pointer(address), **called["x-delivery"])

    # ---- Schemas -----------------------------------------------------------------------------

    def resolve(self, node: Any) -> Any:
        """Follow the `$ref` of a node within the OpenAPI document."""
        return resolve(self.root, node)

    def request_schema(self, node: Any) -> runtime_model.Schema:
        """Reduce a schema to the keywords that the client checks."""
        schema = self.resolve(node)
        if not isinstance(schema, dict):
            return bool(schema)
        if schema.get("contentMediaType") == BINARY:
            return True
        result: dict[str, Any] = {"type": schema["type"]} if "type" in schema else {}
        for keyword in KEYWORDS:
            if keyword not in schema:
                continue
            value = schema[keyword]
            if keyword in ("properties", "dependentSchemas"):
                value = {name: self.request_schema(member) for name, member in value.items()}
            elif keyword in ("anyOf", "allOf"):
                value = [self.request_schema(member) for member in value]
            elif keyword in ("items", "not", "additionalProperties", "propertyNames"):
                value = self.request_schema(value)
            result[keyword] = value
        return result

    def response_schema(self, node: Any) -> runtime_model.Schema:
        """Reduce a schema to types and required members, which the client needs."""
        schema = self.resolve(node)
        if not isinstance(schema, dict):
            return True
        if "anyOf" in schema:
            return {"anyOf": [self.response_schema(choice) for choice in schema["anyOf"]]}
        result = {name: schema[name] for name in ("type", "minLength") if name in schema}
        required = schema.get("required", [])
        if required:
            result["required"] = required
            result["properties"] = {
                name: self.response_schema(schema["properties"][name]) for name in required
            }
        return result or True
