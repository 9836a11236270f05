"""Rectifications (GDPR, art. 16) that take more than typing: a date of birth, corrected by whoever has seen a document; an
address for letters, corrected by whoever follows the link sent to the new one. The old address is told.

As of sign-in links only the hash of a token is stored; the token is derived from the row and the installation's key.
"""

import base64
import hashlib
import hmac
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import candidates
from service import accounts, sign_in_links
from service.refusals import LinkSpent, RectifiedTooOften

VALID = timedelta(hours=24)
KEPT = timedelta(days=30)  # an address that was never confirmed is not ours to keep
A_DAY, MOST = timedelta(days=1), 5  # requests for one candidate: nobody floods a stranger's mailbox from here


class Rectification(Struct, frozen=True):
    """What should be on record instead: one of the two."""

    id: UUID
    candidate_id: UUID
    birth_date: date | None
    email: str | None
    asked_at: datetime
    expires_at: datetime | None
    former: str | None = None


def token_of(key: bytes, rectification_id: UUID) -> str:
    """The token in the link of a new address: 256 bits that nobody finds without `key` (settings.secret)."""
    digest = hmac.digest(key, b"rectification " + rectification_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def ask_birth_date(
    tx: asyncpg.Connection, candidate_id: UUID, birth_date: date, *, by: UUID, now: datetime
) -> UUID:
    """The candidate says that their date of birth is another; a centre looks at a document. A request of before ends.

    Refuses RectifiedTooOften, NotFound.
    """
    await _make_room(tx, candidate_id, is_address=False, now=now)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.rectifications (candidate_id, birth_date, asked_at, asked_by)
           values ($1, $2, $3, $4) returning id""",
        candidate_id,
        birth_date,
        now,
        by,
    )


async def ask_address(
    tx: asyncpg.Connection,
    candidate_id: UUID,
    email: str,
    *,
    rectification_id: UUID,
    key: bytes,
    by: UUID,
    now: datetime,
) -> None:
    """A link goes to the new address, whether anybody has it already or not: only who reads it there learns that.

    Refuses RectifiedTooOften, NotFound.
    """
    await _make_room(tx, candidate_id, is_address=True, now=now)
    await tx.execute(
        """with asked as (
               insert into service.rectifications (id, candidate_id, email, token_hash, expires_at, asked_at, asked_by)
               values ($1, $2, lower(btrim($3)), $4, $5, $6, $7) returning id)
           insert into service.outbox (topic, aggregate, occurred_at) select 'rectification.asked', id, $6 from asked""",
        rectification_id,
        candidate_id,
        email,
        _hash(token_of(key, rectification_id)),
        now + VALID,
        now,
        by,
    )


async def _make_room(tx: asyncpg.Connection, candidate_id: UUID, *, is_address: bool, now: datetime) -> None:
    await candidates.hold(tx, candidate_id)
    recent: int = await tx.fetchval(
        "select count(*) from service.rectifications where candidate_id = $1 and asked_at > $2",
        candidate_id,
        now - A_DAY,
    )
    if recent >= MOST:
        raise RectifiedTooOften
    await _end(tx, candidate_id, is_address=is_address, now=now)


async def _end(tx: asyncpg.Connection, candidate_id: UUID, *, is_address: bool, now: datetime) -> None:
    await tx.execute(
        """update service.rectifications set ended_at = $3
           where candidate_id = $1 and (email is not null) = $2 and carried_out_at is null and ended_at is null""",
        candidate_id,
        is_address,
        now,
    )


async def waiting(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> list[Rectification]:
    """What the candidate asked for and nobody has answered; an address as long as its link works."""
    rows = await tx.fetch(
        """select id, candidate_id, birth_date, email, asked_at, expires_at from service.rectifications
           where candidate_id = $1 and carried_out_at is null and ended_at is null
             and (expires_at is null or expires_at > $2) order by asked_at""",
        candidate_id,
        now,
    )
    return [Rectification(**row) for row in rows]


async def get(tx: asyncpg.Connection, rectification_id: UUID) -> Rectification | None:
    row = await tx.fetchrow(
        """select id, candidate_id, birth_date, email, asked_at, expires_at, former
           from service.rectifications where id = $1""",
        rectification_id,
    )
    return None if row is None else Rectification(**row)


async def correct_birth_date(
    tx: asyncpg.Connection, candidate_id: UUID, birth_date: date, *, by: UUID, now: datetime
) -> None:
    """What the document says, which somebody of the centre has seen; with it a waiting request is answered.

    Refuses NotFound, CandidateTooYoung (for a place that they hold).
    """
    await candidates.correct_birth_date(tx, candidate_id, birth_date, by=by, now=now)
    await _end(tx, candidate_id, is_address=False, now=now)
    await tx.execute(
        """with done as (
               insert into service.rectifications (candidate_id, birth_date, asked_at, asked_by, carried_out_at, carried_out_by)
               values ($1, $2, $3, $4, $3, $4) returning id)
           insert into service.outbox (topic, aggregate, occurred_at)
           select 'rectification.carried_out', id, $3 from done""",
        candidate_id,
        birth_date,
        now,
        by,
    )


async def confirm(tx: asyncpg.Connection, token: str, *, now: datetime) -> Rectification:
    """The link was followed: letters go there from now on, and so do the links to sign in; none of before works.

    Refuses LinkSpent, AccountKnown and CandidateEmailKnown where somebody else has the address.
    """
    digest = _hash(token)
    asked_by = await tx.fetchval("select candidate_id from service.rectifications where token_hash = $1", digest)
    if asked_by is None:
        raise LinkSpent
    await candidates.hold(tx, asked_by)  # first, as whoever asks does: else the two could wait for each other
    row = await tx.fetchrow(
        """with done as (
               update service.rectifications r set carried_out_at = $2, former = c.email
               from assessments.candidates c
               where c.id = r.candidate_id and r.token_hash = $1 and r.carried_out_at is null and r.ended_at is null
                 and r.expires_at > $2
               returning r.id, r.candidate_id, r.birth_date, r.email, r.asked_at, r.expires_at, r.former),
           news as (
               insert into service.outbox (topic, aggregate, occurred_at)
               select 'rectification.carried_out', id, $2 from done)
           select id, candidate_id, birth_date, email, asked_at, expires_at, former from done""",
        digest,
        now,
    )
    if row is None:
        raise LinkSpent
    done = Rectification(**row)
    assert done.email is not None
    await candidates.change_email(tx, done.candidate_id, done.email, now=now)
    for account_id in await accounts.change_email(tx, done.candidate_id, done.email):
        await sign_in_links.erase(tx, account_id)
    return done


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete addresses that were never confirmed, and of those that were what they replaced; return how many rows."""
    status = await tx.execute(
        """delete from service.rectifications
           where carried_out_at is null and coalesce(ended_at, expires_at) < $1""",
        now - KEPT,
    )
    await tx.execute(
        "update service.rectifications set former = null where former is not null and carried_out_at < $1", now - KEPT
    )
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Delete everything that an erased candidate asked to correct."""
    await tx.execute("delete from service.rectifications where candidate_id = $1", candidate_id)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
