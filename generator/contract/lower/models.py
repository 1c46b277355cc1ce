"""Lowers the models: their arguments, files, results and prices."""

from typing import Any

from generator.contract.lower.documents import Documents
from generator.contract.lower.price import pixels, price
from generator.contract.lower.schemas import request_schema
from generator.contract.names import picture, resource, snake
from generator.contract.openapi import file_extension, has_file
from generator.contract.pointer import reference_name
from generator.runtime.contract import model as runtime_model


class ModelLowering(Documents):
    """Lowers the models."""

    def model(self, name: str, body: str) -> runtime_model.Model:
        """Return a model: its request schema, arguments, images and price."""
        schema = self.schema(body)
        operation, discriminator = self.submits(name)
        return runtime_model.Model(
            name=name,
            resource=resource(name, schema.get("x-python-name", "")),
            arguments=tuple(
                argument(path, member, member.get("default"))
                for path, member, _ in self.model_members(body, discriminator)
            ),
            schema=request_schema(self.root, schema),
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
    def image(path: runtime_model.Pointer, schema: dict[str, Any], listed: bool) -> runtime_model.Image:
        """Return what a member that holds the URL of a file declares about the file."""
        declared = {"role": "", **schema[file_extension(schema)]}
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

    @staticmethod
    def media(declared: dict[str, Any]) -> runtime_model.Media:
        """Return what results are, of the service or of a model."""
        return runtime_model.Media(types=tuple(declared["types"]), max_bytes=declared["max-bytes"])


def argument(path: runtime_model.Pointer, schema: dict[str, Any], default: Any) -> runtime_model.Argument:
    """Return a member of a request as the caller's argument."""
    former = schema.get("x-former-names", ())
    # Each spelling that a caller may have used: on the wire, as an argument, as a file.
    spellings = [*former, *map(snake, former), *(map(picture, former) if has_file(schema) else ())]
    return runtime_model.Argument(
        snake(path[-1]), path, default, schema.get("x-holds", ""), tuple(dict.fromkeys(spellings))
    )
