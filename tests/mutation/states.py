"""Make mutants of the task states: each state in each wrong class."""

from collections.abc import Iterator
from typing import Any

from generator.contract.load import Pointer
from generator.contract.pointer import CONDITION

CLASSES = ("success", "failure", "pending")


def state_changes(arazzo: dict[str, Any]) -> Iterator[tuple[Pointer, str, Any]]:
    """Yield each state of each polling step, moved to each other class."""
    for workflow_index, workflow in enumerate(arazzo["workflows"]):
        for index, step in enumerate(workflow["steps"]):
            classed = _classed(step)
            at: Pointer = ("workflows", workflow_index, "steps", index)
            for state, own in classed.items():
                for other in CLASSES:
                    if other != own:
                        yield at, f"has {state} as {other}", _moved(index, {**classed, state: other})


def _lists(step: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return the criteria of each class."""
    found = {"success": step["successCriteria"]}
    for action in step.get("onFailure", ()):
        found["pending" if action["type"] == "retry" else "failure"] = action["criteria"]
    return found


def _classed(step: dict[str, Any]) -> dict[str, str]:
    return {
        match["value"]: name
        for name, criteria in _lists(step).items()
        for criterion in criteria
        for match in CONDITION.finditer(criterion["condition"])
    }


def _moved(index: int, classed: dict[str, str]) -> Any:
    def edit(steps: list[dict[str, Any]]) -> None:
        for name, criteria in _lists(steps[index]).items():
            states = [state for state, own in classed.items() if own == name]
            for criterion in criteria:
                match = CONDITION.search(criterion["condition"])
                if match:
                    where = f"$response.body#{match['pointer']}"
                    criterion["condition"] = " || ".join(f"{where} == '{state}'" for state in states)
            # A class without states has no criterion.
            criteria[:] = [criterion for criterion in criteria if criterion["condition"]]

    return edit
