"""Personal access tokens: what a program shows instead of a cookie (`Authorization: Bearer …`), only to the interface
under /api/v1, only within its scopes, until it expires or is revoked.

The token carries 256 bits of chance; the database keeps their SHA-256, which nobody can turn back. The prefix is for the
programs that look for secrets in places where they do not belong.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.accounts import Account

PREFIX = "preuve_"
LONGEST_DAYS = 366
USED_EVERY = timedelta(minutes=5)  # a write per request would be one too many

# What a token may do at most: its owner's role and reach stand above it. Which address needs which: service/api/v1.py.
Scope = Literal["read", "bookings:write", "sessions:write", "results:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class Token(Struct, frozen=True):
    """One of somebody's tokens, without its secret."""

    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether it still opens something."""
        return self.revoked_at is None and now < self.expires_at


def new_secret() -> str:
    """A token that nobody has."""
    return PREFIX + secrets.token_urlsafe(32)


async def create(
    tx: asyncpg.Connection,
    account_id: UUID,
    *,
    secret: str,
    name: str,
    scopes: list[Scope],
    days: int,
    now: datetime,
) -> Token:
    """A token that works for `days`; whoever holds `secret` acts for the account, within the scopes."""
    row = await tx.fetchrow(
        """insert into service.tokens (secret_hash, account_id, name, scopes, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6)
           returning id, name, scopes, created_at, expires_at, last_used_at, revoked_at""",
        _hash(secret),
        account_id,
        name,
        [scope for scope in SCOPES if scope in scopes],
        now,
        now + timedelta(days=days),
    )
    assert row is not None
    return Token(**row)


async def held(tx: asyncpg.Connection, secret: str, *, now: datetime) -> tuple[Account, Token] | None:
    """Who shows the token, while it is neither revoked nor expired, and the account not disabled."""
    row = await tx.fetchrow(
        """select a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language,
                  t.id as token_id, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
           from service.token_of($1) t, service.account_of_token($1) a
           where t.revoked_at is null and t.expires_at > $2 and a.disabled_at is null""",
        _hash(secret),
        now,
    )
    if row is None:
        return None
    if row["last_used_at"] is None or row["last_used_at"] < now - USED_EVERY:
        await tx.execute("select service.token_used($1, $2)", _hash(secret), now)
    account = Account(**{name: row[name] for name in Account.__struct_fields__})
    fields = {name: row[name] for name in Token.__struct_fields__ if name != "id"}
    return account, Token(id=row["token_id"], **fields)


async def of_account(tx: asyncpg.Connection, account_id: UUID) -> list[Token]:
    """The tokens of an account, newest first; those that work no longer, too, until they are forgotten."""
    rows = await tx.fetch(
        """select id, name, scopes, created_at, expires_at, last_used_at, revoked_at
           from service.tokens where account_id = $1 order by created_at desc, id""",
        account_id,
    )
    return [Token(**row) for row in rows]


async def revoke(tx: asyncpg.Connection, token_id: UUID, *, account_id: UUID, now: datetime) -> bool:
    """It opens nothing any more; say whether there is such a token of theirs. Twice is once."""
    await tx.execute(
        "update service.tokens set revoked_at = $3 where id = $1 and account_id = $2 and revoked_at is null",
        token_id,
        account_id,
        now,
    )
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select exists (select from service.tokens where id = $1 and account_id = $2)", token_id, account_id
    )


async def revoke_all(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> None:
    """No token of the account opens anything any more."""
    await tx.execute(
        "update service.tokens set revoked_at = $2 where account_id = $1 and revoked_at is null", account_id, now
    )


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete tokens that were revoked or expired more than a month ago; return how many."""
    status = await tx.execute(
        "delete from service.tokens where least(revoked_at, expires_at) < $1", now - timedelta(days=30)
    )
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every token of an account that is closed for good."""
    await tx.execute("delete from service.tokens where account_id = $1", account_id)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
