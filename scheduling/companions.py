"""Companions: who takes part beside one candidate because a measure was granted (an interpreter, somebody who reads).

No member of the jury: no qualification is asked, and nobody votes; but a person, in one place at a time.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound, NotInThatState

Measure = Literal["interpreter", "reader"]


class Companion(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    assessor_id: UUID
    measure: Measure
    given_name: str
    family_name: str


async def give(
    tx: asyncpg.Connection, booking_id: UUID, assessor_id: UUID, measure: Measure, *, by: UUID | None, now: datetime
) -> UUID:
    """Engage somebody for a booking, set-up and tear-down included; return the engagement's id.

    Refuses CompanionBusy, CompanionAlreadyFound, AssessorKnowsCandidate, NotInThatState (the measure is not granted, or the
    booking is over).
    """
    companion_id: UUID | None = await tx.fetchval(
        """insert into scheduling.companions (session_id, booking_id, assessor_id, measure, during, given_at, given_by)
           select s.id, b.id, $2, $3, s.occupied, $4, $5
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           where b.id = $1 and b.released_at is null and b.attended_at is null and exists (
               select from assessments.accommodations a
               where a.candidate_id = b.candidate_id and a.measure = $3 and a.granted_at is not null)
           returning id""",
        booking_id,
        assessor_id,
        measure,
        now,
        by,
    )
    if companion_id is None:
        raise NotInThatState
    return companion_id


async def release(tx: asyncpg.Connection, companion_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Somebody else, or nobody, is engaged. Refuses NotInThatState."""
    status = await tx.execute(
        """update scheduling.companions set released_at = $2, released_by = $3 where id = $1 and released_at is null""",
        companion_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState


async def release_unneeded(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> None:
    """Nobody is needed beside a seat that is free again."""
    await tx.execute(
        """update scheduling.companions k set released_at = $2 from scheduling.bookings b
           where k.booking_id = $1 and k.released_at is null and b.id = k.booking_id and b.released_at is not null""",
        booking_id,
        now,
    )


async def engage_again(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """Who was let go with a seat that its candidate has again, unless they are engaged elsewhere by now."""
    await tx.execute(
        """update scheduling.companions k set released_at = null from scheduling.bookings b
           where b.id = $1 and b.released_at is null and k.id in (
                     select distinct on (o.measure) o.id from scheduling.companions o
                     where o.booking_id = $1 and o.released_at is not null and o.released_by is null
                     order by o.measure, o.released_at desc)
             and not exists (select from scheduling.companions o where o.released_at is null and (
                     o.booking_id = k.booking_id and o.measure = k.measure
                     or o.assessor_id = k.assessor_id and o.during && k.during))
             and not exists (select from scheduling.jury_seats j where j.assessor_id = k.assessor_id
                     and j.released_at is null and j.role <> 'manager' and j.during && k.during)""",
        booking_id,
    )


async def booking_of(tx: asyncpg.Connection, companion_id: UUID) -> UUID:
    """For whose booking somebody is engaged. Refuses NotFound."""
    found: UUID | None = await tx.fetchval("select booking_id from scheduling.companions where id = $1", companion_id)
    if found is None:
        raise NotFound
    return found


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> list[Companion]:
    """Who is engaged for a session."""
    rows = await tx.fetch(
        """select k.id, k.booking_id, k.assessor_id, k.measure, a.given_name, a.family_name
           from scheduling.companions k join assessments.assessors a on a.id = k.assessor_id
           where k.session_id = $1 and k.released_at is null order by a.family_name, k.id""",
        session_id,
    )
    return [Companion(**row) for row in rows]


class Need(Struct, frozen=True):
    """A booked candidate to whom a companion was granted, and who is engaged; nobody yet: None. `attends`: the test has begun
    for them, and nobody is engaged any more."""

    booking_id: UUID
    given_name: str
    family_name: str
    measure: Measure
    companion_id: UUID | None
    companion: str | None
    attends: bool


class Proposal(Struct, frozen=True):
    """Somebody of the register who could take part beside a candidate."""

    assessor_id: UUID
    name: str
    employer: str | None
    languages: tuple[str, ...]


async def needs(tx: asyncpg.Connection, session_id: UUID) -> list[Need]:
    """Whose measures ask for a companion at a session, those without one first."""
    rows = await tx.fetch(
        """select distinct on (k.id is not null, c.family_name, b.id, m.measure) b.id as booking_id, c.given_name,
                  c.family_name, m.measure, k.id as companion_id, a.given_name || ' ' || a.family_name as companion,
                  b.attended_at is not null as attends
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
           join assessments.accommodations m on m.candidate_id = c.id and m.granted_at is not null
                                            and m.measure in ('interpreter', 'reader')
           left join scheduling.companions k on k.booking_id = b.id and k.measure = m.measure and k.released_at is null
           left join assessments.assessors a on a.id = k.assessor_id
           where b.session_id = $1 and b.released_at is null
           order by k.id is not null, c.family_name, b.id, m.measure""",
        session_id,
    )
    return [Need(**row) for row in rows]


async def proposals(tx: asyncpg.Connection, booking_id: UUID) -> list[Proposal]:
    """Who is free at that time and has no tie with the candidate; the engagement itself asks again."""
    rows = await tx.fetch(
        """select a.id as assessor_id, a.given_name || ' ' || a.family_name as name, a.employer, a.languages
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           cross join assessments.assessors a
           where b.id = $1 and a.retired_at is null and a.id <> b.candidate_id
             and not assessments.conflict(a.id, b.candidate_id, 'companion')
             and not exists (select from scheduling.jury_seats j
                             where j.assessor_id = a.id and j.released_at is null and j.during && s.occupied)
             and not exists (select from scheduling.companions k
                             where k.assessor_id = a.id and k.released_at is null and k.during && s.occupied)
           order by a.family_name, a.given_name, a.id""",
        booking_id,
    )
    return [Proposal(row["assessor_id"], row["name"], row["employer"], tuple(row["languages"])) for row in rows]
