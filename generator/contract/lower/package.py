"""Lowers the two documents to the one `Contract`. They must have passed `lint`.

`runtime.py` lowers what the runtime uses. This module adds the package's names, types and texts.
"""

from typing import Any, Literal

from generator.contract.identity import identity
from generator.contract.load import Document
from generator.contract.lower.runtime import RuntimeLowering
from generator.contract.model import Contract, ErrorClass, Method, ModelResource, Parameter, TagResource
from generator.contract.names import method_name, pascal, picture, resource, snake
from generator.contract.openapi import BINARY, file_extension, has_file, security_scheme
from generator.contract.pointer import reference_name


def lower(openapi: Document, arazzo: Document) -> Contract:
    """Return the contract that two faultless documents declare."""
    return _Lowering(openapi, arazzo).contract()


class _Lowering(RuntimeLowering):
    def contract(self) -> Contract:
        root = self.root
        state: Any = self.schema(self.record_name())
        for name in self.output_pointer(self.poll, "state"):
            state = self.object_of(self.members_of(state)[name])
        tag = self.poll_operation()["tags"][0]
        return Contract(
            package=identity(root["x-package"]),
            api=self.api(),
            title=root["info"]["title"],
            key_help=" ".join(security_scheme(root).get("description", "").split()),
            tags=tuple(map(self.tag, root["tags"])),
            models=tuple(self.model_resource(name, body) for name, body in self.bodies().items()),
            errors=tuple(
                ErrorClass(entry["exception"], int(code), entry["meaning"], entry["charged"])
                for code, entry in self.codes.items()
                if "exception" in entry
            ),
            poll_call=f"{snake(tag)}.{method_name(self.poll_operation())}",
            record_class=self.record_name(),
            state_class=reference_name(state["anyOf"][0]),
        )

    def poll_operation(self) -> dict[str, Any]:
        """Return the operation that reads one task."""
        return self.operations[self.poll["operationId"]][2]

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
            **dict.fromkeys(self.creates, "create"),
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
            name=method_name(operation),
            operation=name,
            kind=kinds.get(name, "call"),
            doc=f"{operation['summary']}.\n\n{operation.get('description', '').strip()}".strip(),
            see=operation.get("externalDocs", {}).get("url", ""),
            parameters=tuple(sorted(parameters, key=lambda parameter: not parameter.required)),
            returns="None" if data == {} else model or self.hint(self.resolve(data), "")[0],
            model=bool(model),
        )

    def component_name(self, schema: dict[str, Any]) -> str:
        """Return the name of a resolved schema; empty if it is not a component."""
        schemas = self.root["components"]["schemas"]
        return next((name for name, declared in schemas.items() if declared is schema), "")

    def body_schema(self, operation: dict[str, Any]) -> Any:
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        return next((media["schema"] for media in content.values()), None)

    def model_resource(self, name: str, body: str) -> ModelResource:
        schema = self.schema(body)
        python_name = resource(name, schema.get("x-python-name", ""))
        parameters, run_parameters = [], []
        mask_convention = ""
        roles = set()
        for path, member, owner in self.model_members(body, self.submits(name)[1]):
            owners = self.schema(owner)
            required = path[-1] in owners.get("required", ())
            parameters.append(self.parameter(path[-1], member, required, owner))
            run_parameters.append(parameters[-1])
            if has_file(member):
                run_parameters[-1] = self.file_parameter(path[-1], member, required)
                image = member.get("x-image", {})
                declared = image.get("repaints", {})
                roles.add(image.get("role"))
                mask_convention = " ".join(declared.get("source", mask_convention).split())
        return ModelResource(
            name=python_name,
            class_name=pascal(python_name),
            doc=schema["description"].strip(),
            see=schema.get("externalDocs", {}).get("url", ""),
            model=name,
            parameters=tuple(sorted(parameters, key=lambda parameter: not parameter.required)),
            run_parameters=tuple(sorted(run_parameters, key=lambda parameter: not parameter.required)),
            command=schema.get("x-command", "edit" if "picture" in roles else "generate"),
            mask_convention=mask_convention,
        )

    @staticmethod
    def file_parameter(wire: str, schema: dict[str, Any], required: bool) -> Parameter:
        """Return the parameter that takes a file in place of its URL."""
        one, noun = ("Picture", "picture") if "x-image" in schema else ("File", "file")
        hint = f"{one} | SequenceNotStr[{one}]" if schema["type"] == "array" else one
        text = " ".join(schema["description"].split())
        doc = f"A {noun} to upload, or its URL; sent as `{wire}`. {text}"
        declared = schema[file_extension(schema)]
        return Parameter(picture(wire, declared.get("argument", "")), hint, required, text, doc, text)

    def parameter(self, wire: str, schema: dict[str, Any], required: bool, owner: str) -> Parameter:
        hint, class_name = self.hint(schema, owner + pascal(wire))
        doc = help_ = text = " ".join(schema["description"].split())
        if "default" in schema:
            doc += f" The service's default is {schema['default']!r}."
            help_ += f" The service's default is {_option_value(schema['default'])}."
        if "x-client-default" in schema:
            doc += f" {schema['x-client-default']!r} unless given."
            help_ += f" The default is {_option_value(schema['x-client-default'])}."
        limits = _limits(schema)
        doc, help_ = doc + limits, help_ + limits
        return Parameter(snake(wire), hint, required, text, doc, help_, class_name)

    def hint(self, schema: dict[str, Any], enum_name: str) -> tuple[str, str]:
        """Return the Python type of a schema's values, and the generated class of an enum or an object."""
        kind = schema.get("type")
        if schema.get("contentMediaType") == BINARY:
            return "File", ""
        if "enum" in schema and kind == "string":
            options = ", ".join(repr(value) for value in schema["enum"])
            # openapi-python-client makes no enum class with a predictable name for the items of an array.
            return f"{enum_name} | Literal[{options}]" if enum_name else f"Literal[{options}]", enum_name
        if kind == "array":
            inner, class_name = self.hint(self.resolve(schema["items"]), "")
            return f"{'Sequence' if class_name else 'SequenceNotStr'}[{inner}]", class_name
        if kind == "object" and (class_name := self.component_name(schema)):
            return f"{class_name} | Mapping[str, Any]", class_name
        plain = {
            "string": "str",
            "integer": "int",
            "number": "float",
            "boolean": "bool",
            "object": "Mapping[str, Any]",
        }
        return plain.get(kind, "Any") if isinstance(kind, str) else "Any", ""


def _limits(schema: dict[str, Any]) -> str:
    """Return the largest length and the range of a value as sentences."""
    text = f" At most {schema['maxLength']} characters." if "maxLength" in schema else ""
    match schema:
        case {"minimum": least, "maximum": most}:
            return f"{text} From {least} to {most}."
        case {"minimum": least}:
            return f"{text} At least {least}."
        case {"maximum": most}:
            return f"{text} At most {most}."
    return text


def _option_value(value: Any) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"
