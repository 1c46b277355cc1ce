# Generated from spec/ by `make generate`. Do not edit.
"""Keeps the rate limits over processes and machines that share no journal. Needs the extra `limits`.

    from pyrate_limiter import SQLiteBucket

    limits = SharedLimits(lambda name, rates: SQLiteBucket.init_from_file(
        rates, table=name, db_path="limits.db", use_file_lock=True
    ))
    with Kie(limits=limits) as kie: ...

Over machines it is `RedisBucket.init(rates, connection, name)`, which goes by the machines' clocks: keep them in
step; or `PostgresBucket(pool, name, rates)`, which goes by the server's. A bucket in memory shares nothing.
All of them are tried in the project's tests; Redis and Postgres where their servers are installed.

Within a process the limits are kept anyway, and with a journal among its processes. Buckets that cannot be asked
let nothing be sent: `ServiceUnreachableError`.
"""

from ._runtime.core.extras import missing_extra

try:
    from ._runtime.http.limits.shared_limits import SharedLimits
except ModuleNotFoundError as error:
    raise missing_extra(error, "limits") from None

__all__ = ["SharedLimits"]
