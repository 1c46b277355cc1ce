"""The public names of the package, lazy loading, and the same methods in both clients."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kie_ideogram
from kie_ideogram import AsyncKie, AsyncTask, Kie, KieError, Task, errors, models
from kie_ideogram._runtime.tasks.results.view import TaskView
from tests.client.conftest import KEY

HERE = Path(kie_ideogram.__file__).parent


def modules_after(statement: str) -> set[str]:
    """Run a statement in a new Python; return the loaded modules of the package, httpx, asyncio."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    watched = {"kie_ideogram", "httpx", "asyncio"}
    return {name for name in done.stdout.split() if name.split(".")[0] in watched}


class TestNames:
    def test_package_has_exactly_these_public_names(self) -> None:
        assert kie_ideogram.__all__ == [
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

    @pytest.mark.parametrize("package", ["kie_ideogram", "kie_ideogram.models", "kie_ideogram.errors"])
    def test_every_public_name_can_be_imported(self, package: str) -> None:
        module = importlib.import_module(package)
        for name in module.__all__:
            assert getattr(module, name) is not None
        namespace: dict[str, Any] = {}
        exec(f"from {package} import *", namespace)  # noqa: S102 # a star import is what is tested
        assert set(module.__all__) <= set(namespace)

    @pytest.mark.parametrize("module", [kie_ideogram, models])
    def test_dir_lists_the_public_names(self, module: Any) -> None:
        assert dir(module) == sorted(module.__all__)

    @pytest.mark.parametrize("module", [kie_ideogram, models])
    def test_unknown_name_is_an_attribute_error(self, module: Any) -> None:
        with pytest.raises(AttributeError, match=rf"module '{module.__name__}' has no attribute 'Nothing'"):
            _ = module.Nothing

    def test_package_is_marked_as_typed(self) -> None:
        assert (HERE / "py.typed").exists()

    def test_every_error_is_a_kie_error(self) -> None:
        kinds = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
        assert len(kinds) > 20
        assert all(issubclass(kind, KieError) for kind in kinds)

    def test_errors_derive_from_matching_python_errors(self) -> None:
        assert issubclass(errors.InvalidInputError, ValueError)
        assert issubclass(errors.ConfigurationError, ValueError)
        assert issubclass(errors.TaskTimeoutError, TimeoutError)

    def test_docstring_shows_the_error_classes(self) -> None:
        drawn = inspect.getdoc(sys.modules["kie_ideogram._runtime.core.errors"]) or ""
        names = {line.partition("── ")[2].split()[0] for line in drawn.splitlines() if "── " in line}
        defined = vars(sys.modules["kie_ideogram._runtime.core.errors"]).values()
        assert names == {
            kind.__name__ for kind in defined if isinstance(kind, type) and issubclass(kind, KieError)
        } - {"KieError"}


class TestLoading:
    def test_import_loads_only_the_package_itself(self) -> None:
        assert modules_after("import kie_ideogram") == {"kie_ideogram"}

    def test_client_class_does_not_load_the_contract(self) -> None:
        loaded = modules_after("from kie_ideogram import Kie")
        assert not {"kie_ideogram._contract", "kie_ideogram._runtime.contract.model", "asyncio"} & loaded

    def test_client_loads_only_the_model_of_states(self) -> None:
        loaded = modules_after("from kie_ideogram import Kie\nKie('key').character_edit")
        assert {name for name in loaded if name.startswith("kie_ideogram.models.")} <= {
            "kie_ideogram.models.task_state"
        }
        assert "kie_ideogram.resources.files" not in loaded

    def test_one_model_loads_no_other_model(self) -> None:
        loaded = modules_after("from kie_ideogram.models import CharacterEditInputStyle")
        assert {name for name in loaded if name.startswith("kie_ideogram.models.")} == {
            "kie_ideogram.models.character_edit_input_style"
        }

    def test_resource_is_created_once(self) -> None:
        with Kie(KEY) as kie:
            assert kie.character_edit is kie.character_edit
            assert kie.files is kie.files


def public(kind: Any) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def signature(function: Any) -> list[tuple[str, Any, Any, str]]:
    """Return the parameters of a function, without `Async` in the names of their types."""
    parameters = list(inspect.signature(function).parameters.values())
    return [(p.name, p.kind, p.default, str(p.annotation).replace("Async", "")) for p in parameters]


def plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.replace("Async", "")


class TestClients:
    def test_both_clients_have_the_same_names(self) -> None:
        assert public(Kie) == public(AsyncKie)
        assert public(Task) == public(AsyncTask)

    def test_have_the_same_constructor(self) -> None:
        ours = [p for p in signature(Kie.__init__) if p[0] != "http_client"]
        theirs = [p for p in signature(AsyncKie.__init__) if p[0] != "http_client"]
        assert ours == theirs

    def test_both_clients_have_the_same_methods(self) -> None:
        with Kie(KEY) as blocking:
            awaiting = AsyncKie(KEY)
            resources = ("character_edit", "tasks", "files", "credits")
            pairs = [(type(getattr(blocking, name)), type(getattr(awaiting, name))) for name in resources]
        compared = 0
        for ours, theirs in [*pairs, (Task, AsyncTask)]:
            assert public(ours) == public(theirs)
            for name in public(ours):
                mine, other = getattr(ours, name), getattr(theirs, name)
                if not callable(mine):
                    continue
                compared += 1
                assert signature(mine) == signature(other), name
                given = inspect.signature(mine).return_annotation, inspect.signature(other).return_annotation
                # The type of a blocking generator also has its return type.
                assert plain(given[0]).replace(", None, None]", ", None]") == plain(given[1]), name
                assert not inspect.iscoroutinefunction(inspect.unwrap(mine))
                if name not in ("updates", "settled"):
                    assert inspect.iscoroutinefunction(inspect.unwrap(other)), name
        assert compared == 16

    def test_both_clients_are_context_managers(self) -> None:
        assert hasattr(Kie, "__enter__")
        assert hasattr(AsyncKie, "__aenter__")


def test_task_has_exactly_these_attributes() -> None:
    names = {"id", "state", "succeeded", "failed", "urls", "fail_code", "fail_msg", "created_at"}
    names |= {"completed_at", "credits", "expires_at", "idempotency_key", "raw", "request"}
    assert public(TaskView) == names
    assert public(Task) == names | {"record", "wait", "updates", "refresh", "save"}
