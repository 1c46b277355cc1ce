# Generated from spec/ by `make generate`. Do not edit.
"""Client for kie.ai Ideogram models.

    from kie_ideogram import Kie

    with Kie() as kie:  # the key comes from KIE_API_KEY
        result = kie.character_edit.run(..., save_to="out/")
        print(result.task.id, result.paths)

`AsyncKie` has the same names. `errors` holds everything that is raised, `models` the typed
documents of the API, `types` what you annotate with, `callbacks` the check of a callback, `testing` a
local service.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import callbacks, errors, limits, models, testing, types
    from ._contract import VERSION as __version__
    from ._runtime.tasks.results.progress import Progress
    from ._runtime.tasks.run import DryRun, Result
    from .client import AsyncKie, Kie
    from .errors import KieError
    from .task import AsyncTask, Task

__all__ = [
    "AsyncKie",
    "AsyncTask",
    "DryRun",
    "Kie",
    "KieError",
    "Progress",
    "Result",
    "Task",
    "__version__",
    "callbacks",
    "errors",
    "limits",
    "models",
    "testing",
    "types",
]

_HOMES = {
    "AsyncKie": ("client", "AsyncKie"),
    "AsyncTask": ("task", "AsyncTask"),
    "DryRun": ("_runtime.tasks.run", "DryRun"),
    "Kie": ("client", "Kie"),
    "KieError": ("errors", "KieError"),
    "Progress": ("_runtime.tasks.results.progress", "Progress"),
    "Result": ("_runtime.tasks.run", "Result"),
    "Task": ("task", "Task"),
    "__version__": ("_contract", "VERSION"),
}


# Hidden from type checkers, so that a misspelt import is an error.
if not TYPE_CHECKING:

    def __getattr__(name):
        # Importing the package costs nothing until one of its names is used.
        from importlib import import_module

        if name in _HOMES:
            module, attribute = _HOMES[name]
            value = getattr(import_module(f".{module}", __name__), attribute)
        elif name in __all__:
            value = import_module(f".{name}", __name__)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
