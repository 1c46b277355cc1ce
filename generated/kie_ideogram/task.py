# Generated from spec/ by `make generate`. Do not edit.
"""A task with the types of this contract."""

from typing import TYPE_CHECKING

from ._runtime.http.response import typed
from ._runtime.tasks.results.view import TaskView as _TaskView
from ._runtime.tasks.task import AsyncTask as _AsyncTask
from ._runtime.tasks.task import SyncTask as _SyncTask
from .models.task_state import TaskState

if TYPE_CHECKING:
    from .models.task_record import TaskRecord

_STATES: dict[str, TaskState | str] = {state.value: state for state in TaskState}


class Task(_SyncTask):
    """A task of a blocking client: what was last read, and what can be done with it."""

    __slots__ = ()

    @property
    def state(self) -> TaskState | str:
        """The state of the task; a plain string if the contract does not know it."""
        state = super().state
        return _STATES.get(state, state)

    @property
    def record(self) -> "TaskRecord":
        """What was last read, as a typed model. Raises `ResponseFormatError` before the first read."""
        from .models.task_record import TaskRecord

        return typed(TaskRecord.from_dict, self.raw)


class AsyncTask(_AsyncTask):
    """A task of an asyncio client."""

    __slots__ = ()

    @property
    def state(self) -> TaskState | str:
        """The state of the task; a plain string if the contract does not know it."""
        state = super().state
        return _STATES.get(state, state)

    @property
    def record(self) -> "TaskRecord":
        """What was last read, as a typed model. Raises `ResponseFormatError` before the first read."""
        from .models.task_record import TaskRecord

        return typed(TaskRecord.from_dict, self.raw)


class ReportedTask(_TaskView):
    """A task as a callback reports it; read only."""

    __slots__ = ()

    @property
    def state(self) -> TaskState | str:
        """The state of the task; a plain string if the contract does not know it."""
        state = super().state
        return _STATES.get(state, state)

    @property
    def record(self) -> "TaskRecord":
        """What was last read, as a typed model. Raises `ResponseFormatError` before the first read."""
        from .models.task_record import TaskRecord

        return typed(TaskRecord.from_dict, self.raw)
