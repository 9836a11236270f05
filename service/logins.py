"""Logins: kept on the server, found by the hash of the cookie's secret, ended on the server."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.accounts import Account

COOKIE_BYTES = 32
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # a write per request would be one too many
FRESH = timedelta(minutes=10)  # how long a sign-in stands for what weighs heavily (auth.fresh)

Method = Literal["mail", "provider", "passkey", "password"]


class Login(Struct, frozen=True):
    """One of a person's sign-ins, as they see it. `confirmed_at`: when they last showed who they are."""

    id: UUID
    method: Method
    device: str
    signed_in_at: datetime
    confirmed_at: datetime
    seen_at: datetime
    expires_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether its holder showed within the last ten minutes who they are."""
        return now < self.confirmed_at + FRESH


async def begin(
    tx: asyncpg.Connection,
    account_id: UUID,
    *,
    secret: str,
    now: datetime,
    method: Method = "mail",
    device: str = "",
) -> UUID:
    """A new login for the holder of `secret`, which is fresh at every sign-in (session fixation); return its id."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.logins (secret_hash, account_id, signed_in_at, seen_at, expires_at, method, device)
           values ($1, $2, $3, $3, $4, $5, $6) returning id""",
        hash_of(secret),
        account_id,
        now,
        now + ABSOLUTE,
        method,
        device,
    )


async def confirm(
    tx: asyncpg.Connection, former: str, *, account_id: UUID, secret: str, method: Method, now: datetime
) -> bool:
    """The holder of a login that still runs has shown anew who they are: it goes on under a new secret, its limits begin
    again. Say whether there was one of this account."""
    return (
        await tx.fetchval(
            """update service.logins
               set secret_hash = $3, confirmed_at = $4, seen_at = $4, expires_at = $5, method = $6
               where secret_hash = $1 and account_id = $2 and ended_at is null and expires_at > $4 and seen_at > $7
               returning true""",
            hash_of(former),
            account_id,
            hash_of(secret),
            now,
            now + ABSOLUTE,
            method,
            now - IDLE,
        )
        is not None
    )


async def held(tx: asyncpg.Connection, secrets: Sequence[str], *, now: datetime) -> list[tuple[Account, Login] | None]:
    """Who holds each of the cookies, while the login is neither ended, idle nor expired, and the account not disabled."""
    hashes = [hash_of(secret) for secret in secrets]
    rows = await tx.fetch(
        """select place, id, email, role, centre_id, candidate_id, assessor_id, language,
                  login_id, method, device, signed_in_at, confirmed_at, seen_at, expires_at
           from service.logins_of($1) where ended_at is null and expires_at > $2 and seen_at > $3""",
        hashes,
        now,
        now - IDLE,
    )
    found: list[tuple[Account, Login] | None] = [None] * len(secrets)
    long_ago = []
    for place, *fields in rows:
        login = Login(*fields[7:])
        found[place - 1] = Account(*fields[:7]), login
        if login.seen_at < now - SEEN_EVERY:
            long_ago.append(hashes[place - 1])
    if long_ago:
        await tx.execute("select service.logins_seen($1, $2)", long_ago, now)
    return found


async def running(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> list[Login]:
    """The logins of an account that still open something, the one seen last first."""
    rows = await tx.fetch(
        """select id, method, device, signed_in_at, seen_at, expires_at,
                  coalesce(confirmed_at, signed_in_at) as confirmed_at
           from service.logins
           where account_id = $1 and ended_at is null and expires_at > $2 and seen_at > $3
           order by seen_at desc, signed_in_at desc""",
        account_id,
        now,
        now - IDLE,
    )
    return [_login(row, row["id"]) for row in rows]


async def end(tx: asyncpg.Connection, secret: str, *, now: datetime) -> None:
    """Sign out: the secret opens nothing any more, whoever kept the cookie."""
    await tx.execute(
        "update service.logins set ended_at = $2 where secret_hash = $1 and ended_at is null", hash_of(secret), now
    )


async def end_one(tx: asyncpg.Connection, login_id: UUID, *, account_id: UUID, now: datetime) -> bool:
    """End one login of an account; say whether there is such a login of theirs. Twice is once."""
    return (
        await tx.fetchval(
            """update service.logins set ended_at = coalesce(ended_at, $3)
               where id = $1 and account_id = $2 returning true""",
            login_id,
            account_id,
            now,
        )
        is not None
    )


async def end_all(tx: asyncpg.Connection, account_id: UUID, *, now: datetime, but: UUID | None = None) -> None:
    """End every login of an account, or all `but` one."""
    await tx.execute(
        """update service.logins set ended_at = $2
           where account_id = $1 and ended_at is null and id is distinct from $3""",
        account_id,
        now,
        but,
    )


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete logins that ended or expired more than a month ago; return how many."""
    status = await tx.execute(
        "delete from service.logins where coalesce(ended_at, expires_at) < $1", now - timedelta(days=30)
    )
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every login of an account that is closed for good."""
    await tx.execute("delete from service.logins where account_id = $1", account_id)


def _login(row: asyncpg.Record, login_id: UUID) -> Login:
    fields = {name: row[name] for name in Login.__struct_fields__ if name != "id"}
    return Login(id=login_id, **fields)


def hash_of(secret: str) -> bytes:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).digest()
