"""Loads a model when it is first used: a package may contain hundreds of them."""

from collections.abc import Callable, Iterator, Mapping

from .model import Model


class LazyModels(Mapping[str, Model]):
    """Maps the names of models to models.

    Args:
        resources: Maps the name of each model to the name of its resource.
        load: Loads the model of a resource.
    """

    def __init__(self, resources: dict[str, str], load: Callable[[str], Model]) -> None:
        self._resources = resources
        self._load = load

    def __getitem__(self, name: str) -> Model:
        return self._load(self._resources[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)
