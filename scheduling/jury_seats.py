"""Seats of a jury: evaluators, observers and the manager of one session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, to_builtins

from scheduling.refusals import NotInThatState

Role = Literal["evaluator", "observer", "manager"]


class Given(Struct, frozen=True):
    """A seat for an assessor. `despite`: the manager's reason where it goes against what the assessor has said."""

    session_id: UUID
    assessor_id: UUID
    role: Role
    despite: str | None = None


class JurySeat(Struct, frozen=True):
    id: UUID
    session_id: UUID
    assessor_id: UUID
    role: Role
    given_name: str
    family_name: str
    employer: str | None


async def give(
    tx: asyncpg.Connection,
    session_id: UUID,
    assessor_id: UUID,
    role: Role,
    *,
    by: UUID | None,
    now: datetime,
    despite: str | None = None,
) -> UUID:
    """Seat an assessor in a session's jury; return the seat's id.

    `despite` is the manager's reason for a seat that goes against what the assessor has said; without one it refuses
    AssessorAway, AssessorOverLimit and AssessorOutOfReach. Refuses always AssessorBusy, AssessorAlreadySeated,
    ManagerAlreadySeated, AssessorUnqualified, LanguageNotSpoken, ObserverNotExternal, ManagerNotOfCentre,
    AssessorKnowsCandidate, SessionOver (domain.md, invariants 4 to 6).
    """
    return (await give_all(tx, [Given(session_id, assessor_id, role, despite)], by=by, now=now))[0]


async def give_all(tx: asyncpg.Connection, seats: Sequence[Given], *, by: UUID | None, now: datetime) -> list[UUID]:
    """Give seats by one statement, one after another, all or none (see `give`); return their ids."""
    rows = await tx.fetch(
        """with given as (
               insert into scheduling.jury_seats (session_id, assessor_id, role, during, given_at, given_by, despite)
               select s.id, g.assessor_id, g.role, s.occupied, $2, $3, g.despite
               from rows from (jsonb_to_recordset($1) as (session_id uuid, assessor_id uuid, role text, despite text))
                   with ordinality g (session_id, assessor_id, role, despite, place)
               join scheduling.sessions s on s.id = g.session_id order by g.place
               returning id, session_id, assessor_id, role),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'jury_seat.given', session_id,
                      jsonb_build_object('seat_id', id, 'assessor_id', assessor_id, 'role', role), $2 from given)
           select id from given""",
        [to_builtins(seat) for seat in seats],
        now,
        by,
    )
    if len(rows) < len(seats):
        raise NotInThatState
    return [row["id"] for row in rows]


async def release(tx: asyncpg.Connection, seat_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Free a seat before the session begins. At commit, unless another took the place, SeatsExceedCapacity; and once the
    list is closed JuryIncomplete (see `replace`)."""
    status = await tx.execute(
        """with released as (
               update scheduling.jury_seats j set released_at = $2, released_by = $3
               from scheduling.sessions s
               where j.id = $1 and j.released_at is null and s.id = j.session_id and s.started_at is null
               returning j.id, j.session_id, j.assessor_id, j.role)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'jury_seat.released', session_id,
                  jsonb_build_object('seat_id', id, 'assessor_id', assessor_id, 'role', role), $2 from released""",
        seat_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState


async def replace(
    tx: asyncpg.Connection,
    seat_id: UUID,
    assessor_id: UUID,
    *,
    by: UUID | None,
    now: datetime,
    despite: str | None = None,
) -> UUID:
    """Give a seat to somebody else in one step, before the session begins; both are told. Return the new seat's id.

    The session is locked first, as whoever gives a seat does. Refuses what `give` refuses, and NotInThatState.
    """
    seat = await tx.fetchrow(
        """select j.session_id, j.role from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
           where j.id = $1 for no key update of s""",
        seat_id,
    )
    if seat is None:
        raise NotInThatState
    await release(tx, seat_id, by=by, now=now)
    return await give(tx, seat["session_id"], assessor_id, seat["role"], by=by, now=now, despite=despite)


async def release_all(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Free the whole jury of a cancelled session."""
    await tx.execute(
        """with released as (
               update scheduling.jury_seats set released_at = $2, released_by = $3
               where session_id = $1 and released_at is null returning id, session_id, assessor_id, role)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'jury_seat.released', session_id,
                  jsonb_build_object('seat_id', id, 'assessor_id', assessor_id, 'role', role), $2 from released""",
        session_id,
        now,
        by,
    )


async def session_of(tx: asyncpg.Connection, seat_id: UUID) -> UUID:
    """Of a seat that is known to exist."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select j.session_id from scheduling.jury_seats j where j.id = $1", seat_id
    )


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> list[JurySeat]:
    """The live seats: evaluators, observers, the manager."""
    rows = await tx.fetch(
        """select j.id, j.session_id, j.assessor_id, j.role, a.given_name, a.family_name, a.employer
           from scheduling.jury_seats j join assessments.assessors a on a.id = j.assessor_id
           where j.session_id = $1 and j.released_at is null
           order by array_position(array['evaluator', 'observer', 'manager'], j.role), a.family_name""",
        session_id,
    )
    return [JurySeat(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: why they sat although they had said otherwise. That they sat stays."""
    await tx.execute(
        "update scheduling.jury_seats set despite = '–' where assessor_id = $1 and despite <> '–'", assessor_id
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Blank up to `most` reasons for seats that were over before; return how many."""
    status = await tx.execute(
        """update scheduling.jury_seats set despite = '–' where id in (
               select j.id from scheduling.jury_seats j where j.despite <> '–' and upper(j.during) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
