"""Sign-ins under way with somebody who is not us: an OpenID provider, or a device that holds a passkey.

What must come back (the provider's state, the device's challenge) is derived from the row's id and the installation's
key, and so are nonce and verifier: the table holds a hash and no secret. The answer deletes the row, so that it counts
once, whichever of two comes first.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

Kind = Literal["provider", "passkey", "registration"]
VALID = timedelta(minutes=10)


class Ceremony(Struct, frozen=True):
    """What was begun: for whom (None: that is what it finds out), and where they were going."""

    id: UUID
    account_id: UUID | None
    onward: str


def derived(key: bytes, ceremony_id: UUID, purpose: str) -> bytes:
    """256 bits that nobody finds without `key` (settings.secret), other ones for each purpose."""
    return hmac.digest(key, b"ceremony " + purpose.encode() + b" " + ceremony_id.bytes, "sha256")


def text(derived_bytes: bytes) -> str:
    """The same for addresses and headers."""
    return base64.urlsafe_b64encode(derived_bytes).decode().rstrip("=")


async def begin(
    tx: asyncpg.Connection,
    ceremony_id: UUID,
    kind: Kind,
    *,
    answer: bytes,
    now: datetime,
    account_id: UUID | None = None,
    onward: str = "",
) -> None:
    """Wait ten minutes for `answer`."""
    await tx.execute(
        """insert into service.ceremonies (id, kind, answer_hash, account_id, onward, began_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        ceremony_id,
        kind,
        hashlib.sha256(answer).digest(),
        account_id,
        onward,
        now,
        now + VALID,
    )


async def answered(tx: asyncpg.Connection, kind: Kind, answer: bytes, *, now: datetime) -> Ceremony | None:
    """The ceremony that this answers, which is over with it; None when there is none, or it is too late.

    In a transaction of its own: also what does not hold has been answered, and is not tried again.
    """
    row = await tx.fetchrow(
        """delete from service.ceremonies where answer_hash = $1 and kind = $2
           returning id, account_id, onward, expires_at > $3 as in_time""",
        hashlib.sha256(answer).digest(),
        kind,
        now,
    )
    return Ceremony(row["id"], row["account_id"], row["onward"]) if row is not None and row["in_time"] else None


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete what nobody answered in time; return how many."""
    status = await tx.execute("delete from service.ceremonies where expires_at <= $1", now)
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete what an account that is closed for good had under way."""
    await tx.execute("delete from service.ceremonies where account_id = $1", account_id)
