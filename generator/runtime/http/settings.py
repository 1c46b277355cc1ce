"""What a client is made from."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract.describe import describe
from ..core.clock import Environment
from ..core.errors import ApiError, ConfigurationError
from ..core.text.secret import Secret
from .limits.rate_limiter import SharedRateLimiter
from .request import check_api_key, warn_if_readable
from .servers import server_urls
from .session import Session

if TYPE_CHECKING:
    from ..contract.model import Contract, Timeouts
    from ..journal.journal import Journal


class Settings(NamedTuple):
    """What a client is made from."""

    contract: Contract
    errors: dict[int, type[ApiError]]
    task_class: Callable[[], Callable[..., Any]]
    """Imports the package's class of tasks when the first task is made."""
    api_key: Secret | None
    servers: dict[str, str | None]
    """The URLs of the arguments, by argument."""
    timeout: float | None
    journal: str | os.PathLike[str] | Journal | None
    """A journal, or the path of one."""
    limits: SharedRateLimiter | None
    environment: Environment

    def session(self) -> Session:
        """Check the settings and make a session. Raises `ConfigurationError`, `JournalError`."""
        servers = server_urls(self.contract.servers, self.servers)
        for name, url in servers.items():
            warn_if_readable(f"the {name} server's URL", url)
        api_key = check_api_key(self.api_key, self.contract.key_variable)
        journal = None
        if self.journal is not None:
            from ..journal.journal import Journal  # not imported by clients without a journal

            given, clock = self.journal, self.environment.clock
            journal = given if isinstance(given, Journal) else Journal(given, clock, api_key)
        return Session(self.contract, self.errors, api_key, servers, journal, self.limits, self.environment)

    def timeouts(self) -> Timeouts:
        """Return the time limits of a request. Raises `ConfigurationError`."""
        timeout, declared = self.timeout, self.contract.timeouts
        if timeout is None:
            return declared
        if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 0 < timeout < TIMEOUT_MAX:
            raise ConfigurationError(
                f"timeout: must be a positive number of seconds, got {describe(timeout)}; leave it out "
                "for the contract's time limits"
            )
        total = max(timeout, declared.total)
        return declared._replace(connect=timeout, read=timeout, write=timeout, pool=timeout, total=total)
