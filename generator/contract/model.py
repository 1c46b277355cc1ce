"""The one model in the middle: everything that is true of the API, named once.

`lower.py` makes it from the spec; templates, checks and reports read it. `api` is what the
package's runtime works from; the rest is what its source text says.
"""

from typing import Literal, NamedTuple

from generator.runtime.contract import model as runtime_model


class Parameter(NamedTuple):
    """A parameter of a rendered method. `enum` names the generated class of its values, if any.

    `text` is the spec's own description, `doc` that with its default and limits said, and `help` the
    same in the words of the command line.
    """

    name: str
    hint: str
    required: bool
    text: str
    doc: str
    help: str
    enum: str = ""


class Method(NamedTuple):
    """A rendered method. `returns` is its type; `model` says that it is a generated class."""

    name: str
    operation: str
    kind: Literal["call", "create", "poll"]
    doc: str
    see: str
    parameters: tuple[Parameter, ...]
    returns: str
    model: bool


class TagResource(NamedTuple):
    """A resource with one method for each operation of a tag: `kie.files`."""

    name: str
    class_name: str
    doc: str
    methods: tuple[Method, ...]


class ModelResource(NamedTuple):
    """A resource that creates one model's tasks: `kie.character_edit`."""

    name: str
    class_name: str
    doc: str
    see: str
    model: str
    parameters: tuple[Parameter, ...]
    run_parameters: tuple[Parameter, ...]
    """The same with pictures in place of their URLs."""
    polarity: str
    """What is known of its mask's colours, and from whom; empty without a mask."""


class ErrorClass(NamedTuple):
    """The exception of a declared code."""

    name: str
    code: int
    meaning: str
    charged: str


class Contract(NamedTuple):
    """The contract, checked and named."""

    api: runtime_model.Contract
    title: str
    key_help: str
    """Where to get an API key."""
    tags: tuple[TagResource, ...]
    models: tuple[ModelResource, ...]
    errors: tuple[ErrorClass, ...]
    record_class: str
    state_class: str
