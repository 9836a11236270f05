"""Rectifications that were asked for, as they are read; and the tokens of their links.

As of sign-in links only the hash of a token is stored; the token is derived from the row and the installation's key.
"""

import base64
import hmac
from datetime import date, datetime
from uuid import UUID

import asyncpg
from msgspec import Struct


class Rectification(Struct, frozen=True):
    """What should be on record instead: one of the two."""

    id: UUID
    candidate_id: UUID
    birth_date: date | None
    email: str | None
    asked_at: datetime
    expires_at: datetime | None
    former: str | None = None
    ripe_at: datetime | None = None
    seen_booking_id: UUID | None = None
    asked_by: UUID | None = None
    approved_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def by_staff(self) -> bool:
        return self.ripe_at is not None


def token_of(key: bytes, rectification_id: UUID) -> str:
    """The token in the link of a new address: 256 bits that nobody finds without `key` (settings.secret)."""
    digest = hmac.digest(key, b"rectification " + rectification_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def stop_token_of(key: bytes, rectification_id: UUID) -> str:
    """The token by which the old address stops it."""
    digest = hmac.digest(key, b"stop rectification " + rectification_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def waiting(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> list[Rectification]:
    """What the candidate asked for and nobody has answered; an address as long as its link works."""
    rows = await tx.fetch(
        """select id, candidate_id, birth_date, email, asked_at, expires_at, ripe_at, seen_booking_id, asked_by, approved_at
           from service.rectifications
           where candidate_id = $1 and carried_out_at is null and ended_at is null
             and (expires_at is null or expires_at > $2 or (approved_at is not null and sent_at is null))
           order by asked_at""",
        candidate_id,
        now,
    )
    return [Rectification(**row) for row in rows]


async def get(tx: asyncpg.Connection, rectification_id: UUID) -> Rectification | None:
    """None where it was forgotten, or never was."""
    row = await tx.fetchrow(
        """select id, candidate_id, birth_date, email, asked_at, expires_at, former, ripe_at, seen_booking_id, asked_by,
                  approved_at, ended_at
           from service.rectifications where id = $1""",
        rectification_id,
    )
    return None if row is None else Rectification(**row)
