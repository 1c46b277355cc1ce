"""The time of the sandbox: the system's time, or virtual time that only a test advances."""

from typing import Protocol

from ..core.clock import SYSTEM_CLOCK


class SandboxClock(Protocol):
    """The time of a sandbox."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class RealClock:
    """The time of this machine."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        return SYSTEM_CLOCK.unix()

    def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        SYSTEM_CLOCK.sleep(seconds)
