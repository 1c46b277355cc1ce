"""Rate limits beyond this process and its journal: counted in a bucket of pyrate-limiter."""

import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from math import ceil, inf

from pyrate_limiter import AbstractBucket, Limiter, Rate, SingleBucketFactory

from ...core.errors import ServiceUnreachableError
from ...core.fork import renew_after_fork

Bucket = Callable[[str, list[Rate]], AbstractBucket]
"""Makes the bucket of one limit: from a name, which may be a table's, and the rates to keep."""


class SharedLimits:
    """Counts the calls of all who use the same buckets: processes, machines, whatever the buckets reach.

    Args:
        bucket: Makes a bucket of pyrate-limiter in memory, SQLite, Redis or Postgres. It is called
            once for each limit.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._make = bucket
        self._renew()
        renew_after_fork(self, SharedLimits._renew)

    def _renew(self) -> None:
        # A forked child: its parent's connections and locks are not its own.
        self._known: dict[str, tuple[Limiter, AbstractBucket]] = {}
        self._lock = threading.Lock()

    def take(self, gaps: Mapping[str, float], within: float = inf) -> float:
        """Take a turn of every limit; or return how many seconds to wait before asking again.

        How long the buckets' own library may take is its to limit, not `within`'s.

        A bucket gives no turn back: those asked before the one that is full count a call more than is
        made, which is the safe side. Those after it are not asked.

        Raises `ServiceUnreachableError` when the buckets cannot be asked.
        """
        try:
            waits = (self._take(scope, gap) for scope, gap in gaps.items())
            return next((wait for wait in waits if wait > 0), 0.0)
        except Exception as error:  # whatever the bucket's own library raises
            raise ServiceUnreachableError(
                f"the shared rate limits cannot be asked, nothing was sent ({type(error).__name__})"
            ) from error

    def _take(self, scope: str, gap: float) -> float:
        limiter, bucket = self._limiter(scope, gap)
        bucket.leak(bucket.now())  # type: ignore[no-untyped-call] # the library's
        return 0.0 if limiter.try_acquire(scope, blocking=False) else gap / 4

    def _limiter(self, scope: str, gap: float) -> tuple[Limiter, AbstractBucket]:
        with self._lock:
            if scope not in self._known:
                kind = scope.partition(" ")[0]
                name = f"kie_{kind}_{sha256(scope.encode()).hexdigest()[:12]}"
                bucket = self._make(name, [Rate(1, ceil(gap * 1000))])
                # Emptied with every turn; a thread for it would outlive its use.
                limiter = Limiter(SingleBucketFactory(bucket, schedule_leak=False))
                self._known[scope] = limiter, bucket
            return self._known[scope]
