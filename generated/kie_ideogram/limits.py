# Generated from spec/ by `make generate`. Do not edit.
"""Keeps the rate limits across processes and machines that share no journal. Needs the extra `limits`.

    from pyrate_limiter import SQLiteBucket

    limits = SharedLimits(lambda name, rates: SQLiteBucket.init_from_file(
        rates, table=name, db_path="limits.db", use_file_lock=True
    ))
    with Kie(limits=limits) as kie: ...

Across machines, use `RedisBucket.init(rates, connection, name)`, which reads the machines' clocks: synchronise
them; or `PostgresBucket(pool, name, rates)`, which reads the server's clock. A bucket in memory shares nothing.

Within a process the rate limits always hold, and with a journal across its processes. If the buckets cannot be
reached, nothing is sent: `ServiceUnreachableError`.
"""

from ._runtime.core.extras import missing_extra

try:
    from ._runtime.http.limits.shared_limits import SharedLimits
except ModuleNotFoundError as error:
    raise missing_extra(error, "limits") from None

__all__ = ["SharedLimits"]
