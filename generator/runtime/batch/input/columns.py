"""The columns of a model's rows: the options of its command, read from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.arguments import schema_of
from ...contract.describe import describe
from ...contract.suggest import did_you_mean

if TYPE_CHECKING:
    from ...contract.model import Image, Model

KEY = "key"
MODEL = "model"
REPAINT = "repaint"

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


class Column(NamedTuple):
    """A column: its name, the schema of its values, and the requirements if it holds pictures."""

    name: str
    schema: dict[str, Any]
    required: bool = False
    image: Image | None = None

    @property
    def listed(self) -> bool:
        """Whether a row may have several values for it."""
        return self.image.listed if self.image else self.schema.get("type") == "array"

    def parse(self, text: str) -> Any:
        """Return the value of a text. Raises `ValueError` with what is expected."""
        if self.image:
            return text.strip()
        if "enum" in self.schema:
            return self._choice(text.strip())
        kind = self.schema.get("type")
        if kind == "boolean":
            return self._truth(text.strip().lower())
        if kind in ("integer", "number"):
            try:
                return int(text) if kind == "integer" else float(text)
            except ValueError:
                raise ValueError(f"must be of type {kind}, got {describe(text)}") from None
        return text

    def _choice(self, text: str) -> Any:
        choices = {str(choice).casefold(): choice for choice in self.schema["enum"]}
        if text.casefold() not in choices:
            listed = [str(choice) for choice in self.schema["enum"]]
            message = f"{describe(text)} is not one of {', '.join(listed)}{did_you_mean(text, listed)}"
            raise ValueError(message)
        return choices[text.casefold()]

    def _truth(self, text: str) -> bool:
        if text not in (*_TRUE, *_FALSE):
            raise ValueError(f"must be true or false, got {describe(text)}")
        return text in _TRUE


def columns(model: Model) -> dict[str, Column]:
    """Return the columns of a model, in the order of its arguments."""
    images = {image.path: image for image in model.images}
    found: dict[str, Column] = {}
    for argument in model.arguments:
        schema, required = schema_of(model, argument)
        image = images.get(argument.path)
        name = image.argument if image else argument.name
        found[name] = Column(name, schema, required, image)
    if any(image.repaints for image in model.images):
        found[REPAINT] = Column(REPAINT, {"enum": ["black", "white"]})
    return found
