"""Names the images of a drafted model: each has a role and an argument that no other one has."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.names import picture, snake, words
from generator.contract.openapi import file_extension, has_file

_URL = ("url", "urls")
_IMAGE = ("image", "images")


def name_images(properties: CommentedMap) -> None:
    """Give the second image of a role its own role, and a file an argument that no other member has."""
    roles: set[str] = set()
    taken = {snake(name) for name in properties}
    for name, schema in properties.items():
        if not has_file(schema):
            continue
        if "x-image" in schema:
            image: dict[str, Any] = schema["x-image"]
            if image["role"] in roles:
                image["role"] = _own_role(name)
            roles.add(image["role"])
        free = [argument for argument in _arguments(name) if argument not in taken - {snake(name)}]
        if free and free[0] != picture(name):
            declared = schema[file_extension(schema)]
            declared["argument"] = free[0]
        taken.update(free[:1])


def _own_role(name: str) -> str:
    """Return the words of a member that say what its image is for: `end_image_url` → end."""
    own = [word for word in words(name) if word.isalpha() and word not in (*_URL, *_IMAGE)]
    return "-".join(own) or "source"


def _arguments(name: str) -> Iterator[str]:
    """Yield names for the file of a member: `image_urls` → image, images."""
    yield picture(name)
    stem = words(name)
    ending = stem.pop() if len(stem) > 1 and stem[-1] in _URL else ""
    yield snake("_".join(stem)) + ("s" if ending == "urls" else "")
    yield f"{snake('_'.join(stem))}_file"
