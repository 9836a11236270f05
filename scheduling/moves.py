"""What a move of a session would mean, before it is made: tried on the real rows, and undone; and whom or what a refused
one met."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, closings, sessions
from scheduling.closings import Closing
from scheduling.refusals import AssessorBusy, CandidateBusy, Refusal, RoomClosed

SAID_WITH_NAMES = (AssessorBusy, CandidateBusy, RoomClosed)


class Consequence(Struct, frozen=True):
    """`refusal`: the rule that forbids the move, None when it may be made; `who`: the people that it is about, `closing`:
    what keeps the room shut."""

    refusal: type[Refusal] | None
    who: tuple[str, ...] = ()
    closing: Closing | None = None


async def rehearse(
    tx: asyncpg.Connection, session_id: UUID, *, starts_at: datetime, room_id: UUID, by: UUID | None, now: datetime
) -> Consequence:
    """Move the session with all its people, and undo it: whatever sessions.move refuses is said, nothing is written."""

    async def move() -> None:
        await sessions.move(tx, session_id, starts_at=starts_at, room_id=room_id, by=by, now=now)

    refusal = await attempts.refusal_of(tx, move, keep=False)
    return Consequence(None) if refusal is None else await met(tx, refusal, session_id, starts_at, room_id)


async def met(
    tx: asyncpg.Connection, refusal: type[Refusal], session_id: UUID, starts_at: datetime, room_id: UUID
) -> Consequence:
    """Whom or what a move was refused over, as things stand now; for the reader only."""
    if refusal is AssessorBusy:
        return Consequence(refusal, await _busy_jury(tx, session_id, starts_at))
    if refusal is CandidateBusy:
        return Consequence(refusal, await _busy_candidates(tx, session_id, starts_at))
    if refusal is RoomClosed:
        session = await sessions.get(tx, session_id)
        ends_at = starts_at + (session.ends_at - session.starts_at)
        closing = await closings.of(tx, room_id, starts_at=starts_at, ends_at=ends_at)
        return Consequence(refusal, closing=closing)
    return Consequence(refusal)


async def _busy_jury(tx: asyncpg.Connection, session_id: UUID, starts_at: datetime) -> tuple[str, ...]:
    """For the reader only: the constraint has judged already."""
    rows = await tx.fetch(
        """select distinct a.given_name || ' ' || a.family_name as name
           from scheduling.sessions s
           join scheduling.jury_seats j on j.session_id = s.id and j.released_at is null and j.role <> 'manager'
           join scheduling.jury_seats k on k.assessor_id = j.assessor_id and k.session_id <> s.id
                and k.released_at is null and k.role <> 'manager'
           join assessments.assessors a on a.id = j.assessor_id
           where s.id = $1 and k.during && scheduling.widened(
               tstzrange($2::timestamptz, $2 + (upper(s.test_time) - lower(s.test_time))),
               s.setup_minutes, s.extra_minutes + s.teardown_minutes)
           order by 1""",
        session_id,
        starts_at,
    )
    return tuple(row["name"] for row in rows)


async def _busy_candidates(tx: asyncpg.Connection, session_id: UUID, starts_at: datetime) -> tuple[str, ...]:
    rows = await tx.fetch(
        """select distinct c.given_name || ' ' || c.family_name as name
           from scheduling.sessions s
           join scheduling.bookings b on b.session_id = s.id and b.released_at is null
           join scheduling.bookings o on o.candidate_id = b.candidate_id and o.id <> b.id and o.released_at is null
           join assessments.candidates c on c.id = b.candidate_id
           where s.id = $1 and o.during && tstzrange($2::timestamptz, $2 + (upper(b.during) - lower(b.during)))
           order by 1""",
        session_id,
        starts_at,
    )
    return tuple(row["name"] for row in rows)
