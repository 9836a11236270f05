"""Logins: kept on the server, found by the hash of the cookie's secret, ended on the server."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from service.accounts import Account

COOKIE_BYTES = 32
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # a write per request would be one too many


async def begin(tx: asyncpg.Connection, account_id: UUID, *, secret: str, now: datetime) -> UUID:
    """A new login for the holder of `secret`, which is fresh at every sign-in (session fixation); return its id."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.logins (secret_hash, account_id, signed_in_at, seen_at, expires_at)
           values ($1, $2, $3, $3, $4) returning id""",
        _hash(secret),
        account_id,
        now,
        now + ABSOLUTE,
    )


async def account_of(tx: asyncpg.Connection, secret: str, *, now: datetime) -> Account | None:
    """Who holds the cookie, while the login is neither ended, idle nor expired, and the account not disabled."""
    row = await tx.fetchrow(
        """select a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language, l.seen_at
           from service.logins l join service.accounts a on a.id = l.account_id
           where l.secret_hash = $1 and l.ended_at is null and l.expires_at > $2 and l.seen_at > $3
             and a.disabled_at is null""",
        _hash(secret),
        now,
        now - IDLE,
    )
    if row is None:
        return None
    if row["seen_at"] < now - SEEN_EVERY:
        await tx.execute("update service.logins set seen_at = $2 where secret_hash = $1", _hash(secret), now)
    return Account(**{name: row[name] for name in Account.__struct_fields__})


async def end(tx: asyncpg.Connection, secret: str, *, now: datetime) -> None:
    """Sign out: the secret opens nothing any more, whoever kept the cookie."""
    await tx.execute(
        "update service.logins set ended_at = $2 where secret_hash = $1 and ended_at is null", _hash(secret), now
    )


async def end_all(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> None:
    """End every login of an account."""
    await tx.execute(
        "update service.logins set ended_at = $2 where account_id = $1 and ended_at is null", account_id, now
    )


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete logins that ended or expired more than a month ago; return how many."""
    status = await tx.execute(
        "delete from service.logins where coalesce(ended_at, expires_at) < $1", now - timedelta(days=30)
    )
    return int(status.rsplit(" ", 1)[1])


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every login of an account that is closed for good."""
    await tx.execute("delete from service.logins where account_id = $1", account_id)
