"""What the commands need of the package that they belong to."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..contract.model import Contract


class Package(NamedTuple):
    """The rendered package. What costs an import is a function."""

    name: str
    contract: Contract
    client: Callable[..., Any]
    verify: Callable[..., Any]
    sandbox: Callable[[], Callable[..., Any]]
    help: Mapping[str, Mapping[str, str]]
    """What the spec says of each model's arguments."""
