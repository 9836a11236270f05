"""Rectifications (GDPR, art. 16) that take more than typing: a date of birth, corrected by whoever has seen a document; an
address for letters, corrected by whoever follows the link sent to the new one. The old address is told.

Links to sign in go to that address: whoever changes it has the account. So what staff ask for, for somebody who cannot
sign in any more, waits: asked → approved by a second person → ripe, after a time in which the old address can stop it →
sent → carried out. The candidates themselves, signed in anew, need none of this. migrations/0049_readdressings.sql holds it.
"""

import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from assessments import candidates
from service import accounts, sign_in_links
from service.rectification_readings import Rectification, stop_token_of, token_of, waiting
from service.refusals import LinkSpent, NotFound, RectifiedTooOften, SecondPersonNeeded

VALID = timedelta(hours=24)
UNAPPROVED = timedelta(days=7)  # what nobody approves lapses
KEPT = timedelta(days=30)  # an address that was never confirmed is not ours to keep
A_DAY, MOST = timedelta(days=1), 5  # requests for one candidate: nobody floods a stranger's mailbox from here


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
    `by`: the candidate's own account.

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


async def ask_address_for(
    tx: asyncpg.Connection,
    candidate_id: UUID,
    email: str,
    *,
    booking_id: UUID,
    rectification_id: UUID,
    key: bytes,
    wait: timedelta,
    by: UUID,
    now: datetime,
) -> None:
    """Staff ask for it. The old address and the centre are told at once; a link goes to the new one when somebody else
    has approved it and `wait` (a day or more) is over.

    Refuses RectifiedTooOften, NotFound.
    """
    await _make_room(tx, candidate_id, is_address=True, now=now)
    await tx.execute(
        """with asked as (
               insert into service.rectifications
                   (id, candidate_id, email, token_hash, expires_at, ripe_at, stop_hash, seen_booking_id,
                    asked_at, asked_by)
               values ($1, $2, lower(btrim($3)), $4, $5, $6, $7, $8, $9, $10) returning id)
           insert into service.outbox (topic, aggregate, occurred_at) select 'rectification.announced', id, $9 from asked""",
        rectification_id,
        candidate_id,
        email,
        _hash(token_of(key, rectification_id)),
        now + max(wait, UNAPPROVED),
        now + wait,
        _hash(stop_token_of(key, rectification_id)),
        booking_id,
        now,
        by,
    )


async def approve(
    tx: asyncpg.Connection, candidate_id: UUID, rectification_id: UUID, *, by: UUID, now: datetime
) -> None:
    """A second person stands for the address that a first one asked for; the time to stop it goes on. Twice is once.

    Refuses NotFound (also when it ended), SecondPersonNeeded.
    """
    await candidates.hold(tx, candidate_id)
    wish = next((one for one in await waiting(tx, candidate_id, now=now) if one.id == rectification_id), None)
    if wish is None or not wish.by_staff:
        raise NotFound
    if wish.approved_at is not None:
        return
    if wish.asked_by == by:
        raise SecondPersonNeeded
    await tx.execute(
        """update service.rectifications
           set approved_at = $2, approved_by = $3, expires_at = greatest($2, ripe_at) + $4
           where id = $1""",
        rectification_id,
        now,
        by,
        VALID,
    )


async def send_ripe(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Links for the addresses that were approved and that nobody stopped in time; return how many."""
    status = await tx.execute(
        """with ripe as (
               update service.rectifications set sent_at = $1, expires_at = $1 + $2::interval
               where ripe_at <= $1 and approved_at is not null and sent_at is null and ended_at is null
               returning id)
           insert into service.outbox (topic, aggregate, occurred_at) select 'rectification.asked', id, $1 from ripe""",
        now,
        VALID,
    )
    return int(status.rsplit(" ", 1)[1])


async def stop(tx: asyncpg.Connection, token: str, *, now: datetime) -> None:
    """Whoever reads the old address does not want it; the centre hears of that. Refuses LinkSpent."""
    row = await tx.fetchrow("select id, candidate_id from service.rectifications where stop_hash = $1", _hash(token))
    if row is None:
        raise LinkSpent
    await candidates.hold(tx, row["candidate_id"])
    if not await _stop(tx, row["candidate_id"], row["id"], now=now):
        raise LinkSpent


async def take_back(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """The candidate keeps the address they have, whoever asked for another one. Twice is once."""
    await candidates.hold(tx, candidate_id)
    await _stop(tx, candidate_id, None, now=now)


async def _stop(tx: asyncpg.Connection, candidate_id: UUID, rectification_id: UUID | None, *, now: datetime) -> bool:
    status = await tx.execute(
        """with stopped as (
               update service.rectifications set ended_at = $3, stopped_at = $3
               where candidate_id = $1 and id = coalesce($2, id) and email is not null and carried_out_at is null
                 and ended_at is null
               returning id)
           insert into service.outbox (topic, aggregate, occurred_at) select 'rectification.stopped', id, $3 from stopped""",
        candidate_id,
        rectification_id,
        now,
    )
    return not status.endswith(" 0")


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
                 and r.expires_at > $2 and (r.ripe_at is null or r.sent_at is not null)
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
