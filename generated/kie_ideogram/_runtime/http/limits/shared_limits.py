"""Rate limits across machines, counted in buckets of pyrate-limiter."""

import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from math import ceil, inf

from pyrate_limiter import AbstractBucket, Limiter, Rate, SingleBucketFactory

from ...contract.wrong_arguments import explain_wrong_arguments
from ...core.errors import ServiceUnreachableError
from ...core.identity import NAME
from ...core.locks.fork import renew_after_fork

Bucket = Callable[[str, list[Rate]], AbstractBucket]
"""Makes the bucket of one limit from a name, which may name a table, and the rates to keep."""


class SharedLimits:
    """Counts the calls of all clients that use the same buckets, in any process and on any machine.

    Args:
        bucket: Makes a bucket of pyrate-limiter in memory, SQLite, Redis or Postgres. It is called
            once for each limit.
    """

    @explain_wrong_arguments
    def __init__(self, bucket: Bucket) -> None:
        self._make = bucket
        self._renew()
        renew_after_fork(self, SharedLimits._renew)

    def _renew(self) -> None:
        # A forked child must not use the connections and locks of its parent.
        self._known: dict[str, tuple[Limiter, AbstractBucket]] = {}
        self._lock = threading.Lock()

    def acquire(self, min_intervals: Mapping[str, float], within: float = inf) -> float:
        """Acquire every limit and return 0, or return the seconds to wait before the next attempt.

        `within` does not bound the time that the buckets' library takes.

        A bucket cannot release a call. If a later bucket is full, the earlier ones count one call more
        than is made, which keeps the limits.

        Raises `ServiceUnreachableError` if the buckets cannot be reached.
        """
        try:
            waits = (self._acquire(scope, min_interval) for scope, min_interval in min_intervals.items())
            return next((wait for wait in waits if wait > 0), 0.0)
        except Exception as error:  # the bucket's library may raise anything
            raise ServiceUnreachableError(
                f"nothing was sent: the shared rate limits cannot be reached ({type(error).__name__})"
            ) from error

    def _acquire(self, scope: str, min_interval: float) -> float:
        limiter, bucket = self._limiter(scope, min_interval)
        bucket.leak(bucket.now())  # type: ignore[no-untyped-call] # the library's
        return 0.0 if limiter.try_acquire(scope, blocking=False) else min_interval / 4

    def _limiter(self, scope: str, min_interval: float) -> tuple[Limiter, AbstractBucket]:
        with self._lock:
            if scope not in self._known:
                kind = scope.partition(" ")[0]
                name = f"{NAME}_{kind}_{sha256(scope.encode()).hexdigest()[:12]}"
                bucket = self._make(name, [Rate(1, ceil(min_interval * 1000))])
                # Emptied with every call; a thread that does it would never end.
                limiter = Limiter(SingleBucketFactory(bucket, schedule_leak=False))
                self._known[scope] = limiter, bucket
            return self._known[scope]
