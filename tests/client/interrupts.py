"""Raise Ctrl-C at every place of a function where Python handles it."""

import dis
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from types import FrameType
from typing import Any

# Python handles signals after a call, at the beginning of a function, and where a loop repeats.
_HANDLED_AFTER = {"CALL", "CALL_FUNCTION_EX", "CALL_KW", "RESUME", "JUMP_BACKWARD"}


def interrupt_everywhere(call: Callable[[], object], *modules: Any) -> Iterator[int]:
    """Call a function repeatedly, with Ctrl-C at each next place in the modules.

    Yields the number of the place after each of these calls, until a call ends without one.
    """
    files = {module.__file__ for module in modules}
    # From Python 3.12 on, there are events for opcodes only if a frame wants them before tracing begins.
    sys._getframe().f_trace_opcodes = True
    for place in count():
        trap = _Trap(files, place)
        before = sys.gettrace()
        sys.settrace(trap)
        try:
            with suppress(KeyboardInterrupt):  # the program survives and drops the traceback
                call()
        finally:
            sys.settrace(before)
        if not trap.raised:
            return
        yield place


class _Trap:
    """A trace function that raises once."""

    def __init__(self, files: set[str], place: int) -> None:
        self._files = files
        self._left = place
        self._last: dict[FrameType, str] = {}
        self.raised = False

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        code, caller = frame.f_code, frame.f_back
        # Python reports Ctrl-C in a finalizer and ignores it.
        if code.co_filename not in self._files or "__del__" in (
            code.co_name,
            caller and caller.f_code.co_name,
        ):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and not self.raised:
            if self._last.get(frame) in _HANDLED_AFTER:
                self._left -= 1
                if self._left < 0:
                    self.raised = True
                    self._last.clear()
                    raise KeyboardInterrupt
            self._last[frame] = dis.opname[code.co_code[frame.f_lasti]]
        return self
