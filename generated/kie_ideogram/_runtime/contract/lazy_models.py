"""The models of the create call, each loaded when first asked for: a package may hold hundreds."""

from collections.abc import Callable, Iterator, Mapping

from .model import Model


class LazyModels(Mapping[str, Model]):
    """Model name → model. `homes` says which resource holds each, `load` fetches it from there."""

    def __init__(self, homes: dict[str, str], load: Callable[[str], Model]) -> None:
        self._homes = homes
        self._load = load

    def __getitem__(self, name: str) -> Model:
        return self._load(self._homes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
