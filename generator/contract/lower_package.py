"""Lowers the two documents to the one `Contract`. Expects what `lint` has passed.

`api.py` lowers what the runtime works from; here it gets the names, types and words of the package.
"""

from typing import Any, Literal

from generator.contract.load import Document
from generator.contract.lower_runtime import BINARY, Api
from generator.contract.model import Contract, ErrorClass, Method, ModelResource, Parameter, TagResource
from generator.contract.names import pascal, picture, resource, snake
from generator.contract.references import pointer, reference_name


def lower(openapi: Document, arazzo: Document) -> Contract:
    """Make the contract of a checked pair of documents."""
    return _Lowering(openapi, arazzo).contract()


class _Lowering(Api):
    def contract(self) -> Contract:
        root = self.root
        record = self.schema(self.record_name())
        state = pointer(self.poll["outputs"]["state"])[-1]
        return Contract(
            api=self.api(),
            title=root["info"]["title"],
            key_help=" ".join(self.security()["description"].split()),
            tags=tuple(self.tag(tag) for tag in root["tags"]),
            models=tuple(self.model_resource(name, body) for name, body in self.bodies().items()),
            errors=tuple(
                ErrorClass(entry["exception"], int(code), entry["meaning"], entry["charged"])
                for code, entry in self.codes.items()
                if "exception" in entry
            ),
            record_class=self.record_name(),
            state_class=reference_name(record["properties"][state]["anyOf"][0]),
        )

    def tag(self, tag: dict[str, Any]) -> TagResource:
        methods = [
            self.method(name)
            for name, (_, _, entry, _) in self.operations.items()
            if entry["tags"] == [tag["name"]]
        ]
        return TagResource(snake(tag["name"]), pascal(tag["name"]), tag["description"], tuple(methods))

    def method(self, name: str) -> Method:
        operation = self.operations[name][2]
        kinds: dict[str, Literal["create", "poll"]] = {
            self.create["operationId"]: "create",
            self.poll["operationId"]: "poll",
        }
        body_name = reference_name(self.body_schema(operation))
        data = self.data(operation)
        model = reference_name(data)
        members = {} if kinds.get(name) == "create" else self.members(operation)[1]
        parameters = [
            self.parameter(wire, schema, required and "x-client-default" not in schema, body_name)
            for wire, (schema, required) in members.items()
        ]
        return Method(
            name=operation["x-python-name"],
            operation=name,
            kind=kinds.get(name, "call"),
            doc=f"{operation['summary']}.\n\n{operation['description'].strip()}",
            see=operation["externalDocs"]["url"],
            parameters=tuple(sorted(parameters, key=lambda parameter: not parameter.required)),
            returns=model or self.hint(self.resolve(data), "")[0],
            model=bool(model),
        )

    def body_schema(self, operation: dict[str, Any]) -> Any:
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        return next((media["schema"] for media in content.values()), None)

    def model_resource(self, name: str, body: str) -> ModelResource:
        schema = self.schema(body)
        parameters, run_parameters = [], []
        polarity = ""
        for path, member, owner in self.model_members(body):
            owners = self.schema(owner)
            required = path[-1] in owners.get("required", ())
            parameters.append(self.parameter(path[-1], member, required, owner))
            run_parameters.append(parameters[-1])
            if "x-image" in member:
                run_parameters[-1] = self.picture_parameter(path[-1], member, required)
                declared = member["x-image"].get("repaints", {})
                polarity = " ".join(declared.get("source", polarity).split())
        return ModelResource(
            name=resource(name),
            class_name=pascal(resource(name)),
            doc=schema["description"].strip(),
            see=schema.get("externalDocs", {}).get("url", ""),
            model=name,
            parameters=tuple(sorted(parameters, key=lambda parameter: not parameter.required)),
            run_parameters=tuple(sorted(run_parameters, key=lambda parameter: not parameter.required)),
            polarity=polarity,
        )

    @staticmethod
    def picture_parameter(wire: str, schema: dict[str, Any], required: bool) -> Parameter:
        """A picture in place of its URL."""
        hint = "Picture | Sequence[Picture]" if schema["type"] == "array" else "Picture"
        text = " ".join(schema["description"].split())
        doc = f"A picture to upload, or its URL; sent as `{wire}`. {text}"
        return Parameter(picture(wire), hint, required, text, doc, f"A file to upload, or a URL. {text}")

    def parameter(self, wire: str, schema: dict[str, Any], required: bool, owner: str) -> Parameter:
        hint, enum = self.hint(schema, owner + pascal(wire))
        doc = help_ = text = " ".join(schema["description"].split())
        if "default" in schema:
            doc += f" The service's default is {schema['default']!r}."
            help_ += f" The service's default is {_option_value(schema['default'])}."
        if "x-client-default" in schema:
            doc += f" {schema['x-client-default']!r} unless given."
            help_ += f" The default is {_option_value(schema['x-client-default'])}."
        if "maxLength" in schema:
            doc += f" At most {schema['maxLength']} characters."
            help_ += f" At most {schema['maxLength']} characters."
        return Parameter(snake(wire), hint, required, text, doc, help_, enum)

    def hint(self, schema: dict[str, Any], enum_name: str) -> tuple[str, str]:
        """The type that a schema's values have in Python, and the generated class of an enum."""
        kind = schema.get("type")
        if schema.get("contentMediaType") == BINARY:
            return "File", ""
        if "enum" in schema and kind == "string":
            options = ", ".join(repr(value) for value in schema["enum"])
            # Of an array's items there is no class of a name that we could know.
            return f"{enum_name} | Literal[{options}]" if enum_name else f"Literal[{options}]", enum_name
        if kind == "array":
            return f"Sequence[{self.hint(self.resolve(schema['items']), '')[0]}]", ""
        plain = {
            "string": "str",
            "integer": "int",
            "number": "float",
            "boolean": "bool",
            "object": "Mapping[str, Any]",
        }
        return plain.get(kind, "Any") if isinstance(kind, str) else "Any", ""


def _option_value(value: Any) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
