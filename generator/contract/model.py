"""The contract: all that the spec declares, under the names of the package.

`lower/package.py` makes it from the spec; the templates and the commands read it. `api` is the part
that the package's runtime uses; the rest is used in the package's source text.
"""

from typing import Literal, NamedTuple

from generator.runtime.contract import model as runtime_model


class Parameter(NamedTuple):
    """A parameter of a rendered method.

    `class_name` is the generated class of its values or of its items, if any.

    `text` is the description in the spec; `doc` adds the default and the limits; `help` is the same in
    the words of the command line.
    """

    name: str
    hint: str
    required: bool
    text: str
    doc: str
    help: str
    class_name: str = ""


class Method(NamedTuple):
    """A rendered method.

    `returns` is its return type; `model` is True if that is a generated class.
    """

    name: str
    operation: str
    kind: Literal["call", "create", "poll"]
    doc: str
    see: str
    parameters: tuple[Parameter, ...]
    returns: str
    model: bool


class TagResource(NamedTuple):
    """A resource with one method for each operation of a tag: `client.files`."""

    name: str
    class_name: str
    doc: str
    methods: tuple[Method, ...]


class ModelResource(NamedTuple):
    """A resource that creates one model's tasks: `client.<model>`."""

    name: str
    class_name: str
    doc: str
    see: str
    model: str
    parameters: tuple[Parameter, ...]
    run_parameters: tuple[Parameter, ...]
    """The same parameters, with images in place of their URLs."""
    command: str
    """The command that runs it: `edit` if it changes a picture, else `generate`."""
    mask_convention: str
    """What is known about the colours of its mask, and from which source; empty without a mask."""


class ErrorClass(NamedTuple):
    """The exception of a declared code."""

    name: str
    code: int
    meaning: str
    charged: str


class PackageIdentity(NamedTuple):
    """What the package is called, in each place that has a name for it."""

    module: str
    client: str
    """The class of the blocking client; that of the asyncio client has `Async` in front."""
    name: str
    """The short name: of the pytest fixtures, the spans, and a client in examples."""
    distribution: str
    command: str
    base_error: str
    user_agent: str
    environment: str
    """The prefix of its environment variables."""
    callback_parameter: str
    journal_id: int
    former_arguments: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 # read only
    """Names that parts of the package had before, and their names."""
    former_attributes: dict[str, str] = {}  # noqa: RUF012 # read only
    former_commands: dict[str, str] = {}  # noqa: RUF012 # read only
    former_options: dict[str, str] = {}  # noqa: RUF012 # read only


class Contract(NamedTuple):
    """Everything that the package is made from."""

    package: PackageIdentity
    api: runtime_model.Contract
    title: str
    key_help: str
    """Where to get an API key."""
    tags: tuple[TagResource, ...]
    models: tuple[ModelResource, ...]
    errors: tuple[ErrorClass, ...]
    poll_call: str
    """How a client reads one task, such as `tasks.get`."""
    record_class: str
    state_class: str
