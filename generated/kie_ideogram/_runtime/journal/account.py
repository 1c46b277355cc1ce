"""Which API keys belong to one account, as far as the journal knows.

The journal contains no API key, only a digest of each that is keyed with the journal's secret. Each key
counts as a separate account until the service proves that it can read a task of another one.
"""

import hmac

from .queries import secret
from .store import Connection


def account_of(db: Connection, api_key: bytes) -> str:
    """Return the name of an API key's account. Call it inside a transaction."""
    digest = _digest(db, api_key)
    row = db.execute("SELECT account FROM api_keys WHERE digest = ?", (digest,)).fetchone()
    account: str = row["account"] if row else digest
    return account


def join_account(db: Connection, api_key: bytes, account: str) -> None:
    """Record that an API key belongs to an account. Call it inside a transaction."""
    former = account_of(db, api_key)
    db.execute("UPDATE submissions SET account = ? WHERE account = ?", (account, former))
    db.execute("UPDATE api_keys SET account = ? WHERE account = ?", (account, former))
    db.execute(
        "INSERT INTO api_keys VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET account = excluded.account",
        (_digest(db, api_key), account),
    )


def _digest(db: Connection, api_key: bytes) -> str:
    return hmac.digest(secret(db), b"account:" + api_key, "sha256").hex()[:32]
