"""What the contract says of each model: its fields, their limits, its price and what excludes what."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .arguments import schema_of
from .model import Argument, Contract, Image, Model, Pointer

_LIMITS: dict[str, Callable[[Any], str]] = {
    "minLength": lambda limit: f"at least {_count(limit, 'character')}",
    "maxLength": lambda limit: f"at most {_count(limit, 'character')}",
    "pattern": lambda pattern: f"matches {pattern}",
    "format": lambda name: f"a {name.upper()}",
    "minimum": lambda limit: f"at least {limit:,}",
    "maximum": lambda limit: f"at most {limit:,}",
    "exclusiveMinimum": lambda limit: f"greater than {limit:,}",
    "exclusiveMaximum": lambda limit: f"less than {limit:,}",
    "multipleOf": lambda number: f"a multiple of {number:,}",
    "minItems": lambda limit: f"at least {_count(limit, 'item')}",
    "maxItems": lambda limit: f"at most {_count(limit, 'item')}",
    "uniqueItems": lambda wanted: "no item twice" if wanted else "",
    "items": lambda items: "; ".join(f"each item {limit}" for limit in limits(items)),
}
"""Keyword of a field's schema → the limit in words. Types and choices are stated separately."""


class Field(NamedTuple):
    """An argument of a model's `run`: what it is, where it comes from, and whether it must be given."""

    name: str
    schema: dict[str, Any]
    required: bool
    text: str
    image: Image | None
    default: Any
    """The service's default."""


def fields(model: Model, texts: Mapping[str, str]) -> list[Field]:
    """Return the arguments of a model's `run`; `texts` describes each."""
    images = {image.path: image for image in model.images}
    return [_field(model, argument, images.get(argument.path), texts) for argument in model.arguments]


def _field(model: Model, argument: Argument, image: Image | None, texts: Mapping[str, str]) -> Field:
    schema, required = schema_of(model, argument)
    name = _name(argument, image)
    return Field(name, schema, required, texts[name], image, argument.default)


def _name(argument: Argument, image: Image | None) -> str:
    """Return the caller's name of an argument: that of the image where it is one, not that of its URL."""
    return image.argument if image else argument.name


def limits(schema: Any) -> list[str]:
    """Return the limits of a value in words, other than its type and its choices."""
    if not isinstance(schema, dict):
        return []
    found = [words(schema[keyword]) for keyword, words in _LIMITS.items() if keyword in schema]
    return [limit for limit in found if limit]


def image_limits(image: Image) -> list[str]:
    """Return the requirements for the images of a field in words."""
    kinds = ", ".join(kind.removeprefix("image/") for kind in image.types)
    found = [kinds, f"at most {image.max_bytes:,} bytes"]
    found += [f"together at most {image.max_total_bytes:,} bytes"] if image.max_total_bytes else []
    return found + ([f"at most {_count(image.used, 'image')}"] if image.used else [])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def exclusions(model: Model) -> list[str]:
    """Return what a model's fields require of each other, a sentence for each."""
    images = {image.path: image for image in model.images}
    names = {argument.path: _name(argument, images.get(argument.path)) for argument in model.arguments}
    sizes = [
        f"`{names[image.path]}` has the same size in pixels as `{names[image.same_size_as]}`."
        for image in model.images
        if image.same_size_as in names and image.role != "picture"
    ]
    return sizes + list(_joint(model.schema, (), names))


def _joint(schema: Any, place: Pointer, names: Mapping[Pointer, str]) -> Iterator[str]:
    """Yield the rules for several members of an object, and of the objects in it."""
    for member, dependent in schema.get("dependentSchemas", {}).items():
        first = names.get((*place, member), member)
        for other, rule in _dependent(dependent):
            if (*place, other) in names:  # a member that the model does not have needs no rule
                yield f"`{first}` {rule} `{names[(*place, other)]}`."
    for member, inner in schema["properties"].items():
        if isinstance(inner, dict) and "properties" in inner:
            yield from _joint(inner, (*place, member), names)


def _dependent(schema: Any) -> Iterator[tuple[str, str]]:
    """Yield each member that a schema forbids or requires, and which of the two."""
    forbidden = schema.get("propertyNames", {}).get("not", {})
    for name in [forbidden["const"]] if "const" in forbidden else forbidden.get("enum", ()):
        yield name, "cannot be combined with"
    for name in schema.get("not", {}).get("required", ()):
        yield name, "cannot be combined with"
    for name in schema.get("required", ()):
        yield name, "requires"
    for part in schema.get("allOf", ()):
        yield from _dependent(part)


def model_facts(contract: Contract, model: Model, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that the contract says of a model, as JSON data."""
    return {
        "model": model.name,
        "resource": model.resource,
        "price": price_facts(contract, model),
        "fields": [_facts(field) for field in fields(model, texts)],
        "rules": exclusions(model),
    }


def price_facts(contract: Contract, model: Model) -> dict[str, Any] | None:
    """Return the price list of a model, as JSON data; None if it has none."""
    if model.price is None or contract.credit_price is None:
        return None
    each, currency = contract.credit_price
    names = {argument.path: argument.name for argument in model.arguments}
    listed = model.price.credits
    return {
        "by": names.get(model.price.by),
        "times": names.get(model.price.times),
        "currency": currency,
        "values": {
            value: {"credits": credits_, "money": round(credits_ * each, 4)}
            for value, credits_ in (listed if isinstance(listed, dict) else {"any": listed}).items()
        },
    }


def _facts(field: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": field.name,
        "type": "image" if field.image else field.schema.get("type", "any"),
        "required": field.required,
        "default": field.default,
        "choices": field.schema.get("enum"),
        "limits": image_limits(field.image) if field.image else limits(field.schema),
        "text": field.text,
    }
    return facts
