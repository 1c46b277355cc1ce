"""Raise Ctrl-C at every place of a function where Python handles it."""

import dis
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from types import CodeType, FrameType
from typing import Any

# Python handles signals after a call, at the beginning of a function, and where a loop repeats.
_HANDLED_AFTER = {"CALL", "CALL_FUNCTION_EX", "CALL_KW", "RESUME", "JUMP_BACKWARD"}


def interrupt_everywhere(call: Callable[[], object], *modules: Any) -> Iterator[int]:
    """Call a function repeatedly, with Ctrl-C at each next place in the modules.

    Yields the number of the place after each of these calls, until a call ends without one.
    """
    files = {module.__file__ for module in modules}
    watched = _traced if sys.version_info < (3, 12) else _monitored
    for place in count():
        trap = _Trap(files, place)
        with suppress(KeyboardInterrupt), watched(trap):  # the program survives and drops the traceback
            call()
        if not trap.raised:
            return
        yield place


class _Trap:
    """Raises once, before the instruction that follows some number of places."""

    def __init__(self, files: set[str], place: int) -> None:
        self._files = files
        self._left = place
        self._last: dict[FrameType, str] = {}
        self.raised = False

    def watches(self, code: CodeType) -> bool:
        """Whether a function is of the modules."""
        return code.co_filename in self._files

    def before_instruction(self, frame: FrameType, opcode: int) -> None:
        """Note an instruction that is about to run. Raises `KeyboardInterrupt` at the place."""
        caller = frame.f_back
        # Python reports Ctrl-C in a finalizer and ignores it.
        if self.raised or "__del__" in (frame.f_code.co_name, caller and caller.f_code.co_name):
            return
        if self._last.get(frame) in _HANDLED_AFTER:
            self._left -= 1
            if self._left < 0:
                self.raised = True
                self._last.clear()
                raise KeyboardInterrupt
        self._last[frame] = dis.opname[opcode]


@contextmanager
def _traced(trap: _Trap) -> Iterator[None]:
    """Watch with the means of Python 3.11."""

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if not trap.watches(frame.f_code):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            trap.before_instruction(frame, frame.f_code.co_code[frame.f_lasti])
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def _monitored(trap: _Trap) -> Iterator[None]:
    """Watch with `sys.monitoring`: from Python 3.12 on, some calls have no events of instructions."""
    monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 # mypy checks for Python 3.11
    tool, instruction = monitoring.DEBUGGER_ID, monitoring.events.INSTRUCTION

    def before_instruction(code: CodeType, offset: int) -> Any:
        if not trap.watches(code):
            return monitoring.DISABLE
        trap.before_instruction(sys._getframe(1), code.co_code[offset])
        return None

    monitoring.use_tool_id(tool, "interrupts")
    monitoring.register_callback(tool, instruction, before_instruction)
    monitoring.restart_events()
    monitoring.set_events(tool, instruction)
    try:
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, instruction, None)
        monitoring.free_tool_id(tool)
