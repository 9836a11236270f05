"""Invitations: a seat is held for an evaluator or an observer until they accept, decline or let the time pass.

The seat is a jury seat from the first day, so that nobody else can count on the same person; only the list of a session
does not close on it before it is accepted (InvitationUnanswered). A declined seat is free at once; if the session, open
already, would then have more places than its evaluators can see, the seat stays until the centre has given it to another.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, jury_seats
from scheduling.refusals import AnswerDateImpossible, InvitationOver, NotFound

Role = Literal["evaluator", "observer"]
State = Literal["open", "accepted", "declined", "lapsed"]


class Invitation(Struct, frozen=True):
    """`answer_by`: the last moment to say yes; then the seat goes to another."""

    id: UUID
    session_id: UUID
    assessor_id: UUID
    role: Role
    seat_id: UUID
    answer_by: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    lapsed_at: datetime | None
    seat_released_at: datetime | None

    @property
    def state(self) -> State:
        if self.accepted_at is not None:
            return "accepted"
        if self.declined_at is not None:
            return "declined"
        return "lapsed" if self.lapsed_at is not None or self.seat_released_at is not None else "open"


async def invite(
    tx: asyncpg.Connection,
    session_id: UUID,
    assessor_id: UUID,
    role: Role,
    *,
    answer_by: datetime,
    by: UUID | None,
    now: datetime,
    despite: str | None = None,
) -> UUID:
    """Hold a seat for somebody until `answer_by`; return the invitation's id.

    Refuses AnswerDateImpossible, and all that jury_seats.give refuses.
    """
    starts_at = await tx.fetchval("select lower(test_time) from scheduling.sessions where id = $1", session_id)
    if starts_at is None:
        raise NotFound
    if not now < answer_by < starts_at:
        raise AnswerDateImpossible
    seat_id = await jury_seats.give(tx, session_id, assessor_id, role, by=by, now=now, despite=despite)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with invited as (
               insert into scheduling.invitations (session_id, assessor_id, role, seat_id, invited_at, invited_by, answer_by)
               values ($1, $2, $3, $4, $5, $6, $7) returning id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'invitation.sent', id, jsonb_build_object('session_id', $1::uuid, 'seat_id', $4::uuid), $5
               from invited)
           select id from invited""",
        session_id,
        assessor_id,
        role,
        seat_id,
        now,
        by,
        answer_by,
    )


async def accept(tx: asyncpg.Connection, invitation_id: UUID, *, now: datetime) -> None:
    """Say yes in time. Saying it twice changes nothing. Refuses InvitationOver."""
    status = await tx.execute(
        """with accepted as (
               update scheduling.invitations i set accepted_at = $2 from scheduling.jury_seats j
               where i.id = $1 and j.id = i.seat_id and j.released_at is null and i.answer_by > $2
                 and i.accepted_at is null and i.declined_at is null and i.lapsed_at is null
               returning i.id, i.session_id, i.seat_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'invitation.accepted', id, jsonb_build_object('session_id', session_id, 'seat_id', seat_id), $2
           from accepted""",
        invitation_id,
        now,
    )
    if status.endswith(" 0") and (await get(tx, invitation_id)).state != "accepted":
        raise InvitationOver


async def decline(tx: asyncpg.Connection, invitation_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Say no; the centre is told at once. Saying it twice changes nothing. Refuses InvitationOver."""
    seat_id = await tx.fetchval(
        """with declined as (
               update scheduling.invitations set declined_at = $2
               where id = $1 and accepted_at is null and declined_at is null and lapsed_at is null
               returning id, session_id, seat_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'invitation.declined', id, jsonb_build_object('session_id', session_id, 'seat_id', seat_id), $2
               from declined)
           select seat_id from declined""",
        invitation_id,
        now,
    )
    if seat_id is not None:
        await _free(tx, seat_id, by=by, now=now)
    elif (await get(tx, invitation_id)).state != "declined":
        raise InvitationOver


async def lapse_next(tx: asyncpg.Connection, *, now: datetime) -> bool:
    """Close one invitation whose time is over, and free its seat; False when there is none."""
    seat_id = await tx.fetchval(
        """with due as (
               select id from scheduling.invitations
               where answer_by <= $1 and accepted_at is null and declined_at is null and lapsed_at is null
               order by answer_by, id limit 1 for update skip locked),
           lapsed as (
               update scheduling.invitations i set lapsed_at = $1 from due where i.id = due.id
               returning i.id, i.session_id, i.seat_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'invitation.lapsed', id, jsonb_build_object('session_id', session_id, 'seat_id', seat_id), $1
               from lapsed)
           select seat_id from lapsed""",
        now,
    )
    if seat_id is not None:
        await _free(tx, seat_id, by=None, now=now)
    return seat_id is not None


async def _free(tx: asyncpg.Connection, seat_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Unless the session needs it: whoever said no is not expected, whatever becomes of the seat."""

    async def release() -> None:
        await jury_seats.release(tx, seat_id, by=by, now=now)

    await attempts.refusal_of(tx, release)


async def get(tx: asyncpg.Connection, invitation_id: UUID) -> Invitation:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select i.id, i.session_id, i.assessor_id, i.role, i.seat_id, i.answer_by, i.accepted_at, i.declined_at,
                  i.lapsed_at, j.released_at as seat_released_at
           from scheduling.invitations i join scheduling.jury_seats j on j.id = i.seat_id where i.id = $1""",
        invitation_id,
    )
    if row is None:
        raise NotFound
    return Invitation(**row)


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> list[Invitation]:
    """The invitations of a session, newest first."""
    rows = await tx.fetch(
        """select i.id, i.session_id, i.assessor_id, i.role, i.seat_id, i.answer_by, i.accepted_at, i.declined_at,
                  i.lapsed_at, j.released_at as seat_released_at
           from scheduling.invitations i join scheduling.jury_seats j on j.id = i.seat_id
           where i.session_id = $1 order by i.invited_at desc, i.id""",
        session_id,
    )
    return [Invitation(**row) for row in rows]


async def open_for(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> list[Invitation]:
    """What an assessor has still to answer, most urgent first."""
    rows = await tx.fetch(
        """select i.id, i.session_id, i.assessor_id, i.role, i.seat_id, i.answer_by, i.accepted_at, i.declined_at,
                  i.lapsed_at, j.released_at as seat_released_at
           from scheduling.invitations i join scheduling.jury_seats j on j.id = i.seat_id
           where i.assessor_id = $1 and i.answer_by > $2 and j.released_at is null
             and i.accepted_at is null and i.declined_at is null and i.lapsed_at is null
           order by i.answer_by, i.id""",
        assessor_id,
        now,
    )
    return [Invitation(**row) for row in rows]


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` invitations to seats that were over before; the seats stay. Return how many."""
    status = await tx.execute(
        """delete from scheduling.invitations where id in (
               select i.id from scheduling.invitations i join scheduling.jury_seats j on j.id = i.seat_id
               where upper(j.during) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
