# Generated from spec/ by `make generate`. Do not edit.
"""Rate limits across processes and machines that do not share a journal. Needs the extra `limits`.

    from pyrate_limiter import SQLiteBucket

    limits = SharedLimits(lambda name, rates: SQLiteBucket.init_from_file(
        rates, table=name, db_path="limits.db", use_file_lock=True
    ))
    with Kie(limits=limits) as kie: ...

Across machines, use `RedisBucket.init(rates, connection, name)` or `PostgresBucket(pool, name, rates)`. Redis
uses the clocks of the machines, so synchronize them. Postgres uses the clock of its server. A bucket in memory is
not shared. The project's tests run with each of these buckets; Redis and Postgres only if their servers are
installed.

Without these buckets, the clients of one process share the limits, and so do the processes that use the same
journal. If a bucket cannot be reached, nothing is sent and the call raises `ServiceUnreachableError`.
"""

from ._runtime.core.extras import missing_extra

try:
    from ._runtime.http.limits.shared_limits import SharedLimits
except ModuleNotFoundError as error:
    raise missing_extra(error, "limits") from None

__all__ = ["SharedLimits"]
