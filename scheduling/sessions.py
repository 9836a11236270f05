"""Sessions: planned, opened, locked, run, ended, closed; or cancelled with a reason.

Draft sessions hold their room and equipment already. PostgreSQL keeps rooms apart (`room_busy`), the seats within
capacity and the accreditation in force; the guards are in migrations/0008_guards.sql.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, to_builtins

from scheduling import equipment_reservations
from scheduling.refusals import NotFound, NotInThatState

State = Literal["draft", "open", "full", "locked", "running", "to_deliberate", "closed", "cancelled"]


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What a planner asks for. `starts_at` carries its zone; `seats` is the number of candidates wanted."""

    room_id: UUID
    unit_id: UUID
    language: Literal["fr", "nl", "en", "de"]
    starts_at: datetime
    seats: int


class Session(Struct, frozen=True):
    id: UUID
    centre_id: UUID
    room_id: UUID
    unit_id: UUID
    standard_id: UUID
    language: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    sequence: int
    opened_at: datetime | None
    locked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancellation: str | None
    changed_at: datetime

    @property
    def state(self) -> State:
        """The state machine of domain.md, read from its moments."""
        moments: tuple[tuple[datetime | None, State], ...] = (
            (self.cancelled_at, "cancelled"),
            (self.closed_at, "closed"),
            (self.ended_at, "to_deliberate"),
            (self.started_at, "running"),
            (self.locked_at, "locked"),
            (self.opened_at, "full" if self.taken >= self.seats else "open"),
        )
        return next((state for moment, state in moments if moment is not None), "draft")


async def plan(
    tx: asyncpg.Connection, wish: Plan, *, by: UUID | None, now: datetime, series_id: UUID | None = None
) -> UUID:
    """Draft a session with the unit's standard in force and take its room; return its id.

    Refuses NotFound (room, unit or published standard), RoomBusy, RoomClosed, RoomUnsuitable.
    """
    return (await plan_all(tx, [wish], by=by, now=now, series_id=series_id))[0]


async def plan_all(
    tx: asyncpg.Connection, wishes: Sequence[Plan], *, by: UUID | None, now: datetime, series_id: UUID | None = None
) -> list[UUID]:
    """Draft sessions by one statement, all or none (see `plan`); return their ids in the order given."""
    rows = await tx.fetch(
        """with given as materialized (
               select gen_random_uuid() as id, g.*
               from rows from (jsonb_to_recordset($1) as (
                   room_id uuid, unit_id uuid, language text, starts_at timestamptz, seats int)) with ordinality
                   g (room_id, unit_id, language, starts_at, seats, place)),
           planned as (
               insert into scheduling.sessions (id, centre_id, room_id, unit_id, standard_id, language, test_time,
                                                setup_minutes, teardown_minutes, seats, planned_at, planned_by,
                                                changed_at, series_id)
               select g.id, r.centre_id, r.id, st.unit_id, st.id, g.language,
                      tstzrange(g.starts_at, g.starts_at + make_interval(mins => st.duration_minutes)),
                      st.setup_minutes, st.teardown_minutes, g.seats, $2, $3, $2, $4
               from given g join scheduling.rooms r on r.id = g.room_id
               cross join lateral (
                   select v.* from assessments.standards v
                   where v.unit_id = g.unit_id and v.published_at is not null and v.retired_at is null
                   order by v.version desc limit 1) st
               order by g.place
               returning id)
           select g.id from given g join planned p on p.id = g.id order by g.place""",
        [to_builtins(wish) for wish in wishes],
        now,
        by,
        series_id,
    )
    if len(rows) < len(wishes):
        raise NotFound
    return [row["id"] for row in rows]


async def get(tx: asyncpg.Connection, session_id: UUID) -> Session:
    """The session as it stands. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, centre_id, room_id, unit_id, standard_id, language, lower(test_time) as starts_at,
                  upper(test_time) as ends_at, seats, taken, sequence, opened_at, locked_at, started_at, ended_at,
                  closed_at, cancelled_at, cancellation, changed_at
           from scheduling.sessions where id = $1""",
        session_id,
    )
    if row is None:
        raise NotFound
    return Session(**row)


async def hold(tx: asyncpg.Connection, session_id: UUID) -> None:
    """Lock the session: whoever books, moves or opens it waits for the end of this transaction."""
    await tx.execute("select from scheduling.sessions where id = $1 for no key update", session_id)


async def open_for_booking(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Open a draft to candidates. Refuses AccreditationMissing, NotInThatState, and at commit SeatsExceedCapacity."""
    await open_all(tx, [session_id], by=by, now=now)


async def open_all(tx: asyncpg.Connection, session_ids: Sequence[UUID], *, by: UUID | None, now: datetime) -> None:
    """Open drafts by one statement, all or none (see `open_for_booking`)."""
    status = await tx.execute(
        """with opened as (
               update scheduling.sessions set opened_at = $2, opened_by = $3, changed_at = $2, sequence = sequence + 1
               where id = any ($1::uuid[]) and opened_at is null and cancelled_at is null
               returning id, centre_id, unit_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'session.opened', id, jsonb_build_object('centre_id', centre_id), $2 from opened""",
        session_ids,
        now,
        by,
    )
    if int(status.rsplit(" ", 1)[1]) < len(session_ids):
        raise NotInThatState


async def lock(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Close the list: no more bookings, convocations go out. Refuses JuryIncomplete, AccreditationMissing."""
    status = await tx.execute(
        """with locked as (
               update scheduling.sessions set locked_at = $2, locked_by = $3, changed_at = $2
               where id = $1 and opened_at is not null and locked_at is null and cancelled_at is null
               returning id, centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'session.locked', id, jsonb_build_object('centre_id', centre_id), $2 from locked""",
        session_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def start(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Begin the test. Refuses JuryIncomplete, and ContractUnsigned while a booked candidate is not checked in with a
    signed contract: those who did not come are marked as no-shows first."""
    status = await tx.execute(
        """update scheduling.sessions set started_at = $2, started_by = $3, changed_at = $2
           where id = $1 and locked_at is not null and started_at is null and cancelled_at is null""",
        session_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def end(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """End the test: the jury can deliberate."""
    status = await tx.execute(
        """with ended as (
               update scheduling.sessions set ended_at = $2, ended_by = $3, changed_at = $2
               where id = $1 and started_at is not null and ended_at is null returning id, centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'session.ended', id, jsonb_build_object('centre_id', centre_id), $2 from ended""",
        session_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def close_if_settled(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> bool:
    """Close an ended session once every attended candidate's outcome is known; say whether it closed now."""
    status = await tx.execute(
        """update scheduling.sessions s set closed_at = $2, changed_at = $2
           where s.id = $1 and s.ended_at is not null and s.closed_at is null
             and not exists (select from scheduling.bookings b
                             where b.session_id = s.id and b.released_at is null and b.closed_at is null)""",
        session_id,
        now,
    )
    return bool(status == "UPDATE 1")


async def move(
    tx: asyncpg.Connection,
    session_id: UUID,
    *,
    starts_at: datetime,
    room_id: UUID,
    broken: UUID | None = None,
    by: UUID | None,
    now: datetime,
) -> None:
    """Move a session that has not begun, with its equipment, jury and candidates: one update, checked for each of them.

    Pieces of equipment that are taken or out of order then, and the `broken` one, are exchanged for free ones. Holds past
    their time, here and of its candidates elsewhere, are released first. Refuses RoomBusy, RoomClosed, RoomUnsuitable,
    EquipmentShort, EquipmentBusy, AssessorBusy, CandidateBusy, AccreditationMissing, AssessorUnqualified and
    CandidateTooYoung on the new day.
    """
    await tx.execute("select scheduling.expire_holds_in_the_way($1, $2)", session_id, now)
    gave_back = await equipment_reservations.release_for_a_move(
        tx, session_id, starts_at=starts_at, broken=broken, now=now
    )
    status = await tx.execute(
        """with moved as (
               update scheduling.sessions s
               set room_id = $3, sequence = sequence + 1, changed_at = $4,
                   test_time = tstzrange($2::timestamptz, $2 + (upper(s.test_time) - lower(s.test_time)))
               where s.id = $1 and s.started_at is null and s.cancelled_at is null
               returning s.id, s.centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'session.moved', id, jsonb_build_object('centre_id', centre_id, 'by', $5::uuid), $4 from moved""",
        session_id,
        starts_at,
        room_id,
        now,
        by,
    )
    _refuse_unchanged(status)
    if gave_back:
        await equipment_reservations.reserve_what_is_needed(tx, session_id, broken=broken)


async def resize(tx: asyncpg.Connection, session_id: UUID, *, seats: int, now: datetime) -> None:
    """Offer more or fewer seats before the session begins. Refuses SessionFull where more are taken, NotInThatState, and
    at commit SeatsExceedCapacity."""
    status = await tx.execute(
        """update scheduling.sessions set seats = $2, changed_at = $3
           where id = $1 and started_at is null and cancelled_at is null""",
        session_id,
        seats,
        now,
    )
    _refuse_unchanged(status)


async def cancel(tx: asyncpg.Connection, session_id: UUID, *, reason: str, by: UUID | None, now: datetime) -> None:
    """Cancel a session before it begins; its room is free at once. Refuses CancellationUnmotivated, NotInThatState.

    The caller goes on with equipment_reservations.release_all, jury_seats.release_all and bookings.cancel_all in the
    same transaction.
    """
    status = await tx.execute(
        """with cancelled as (
               update scheduling.sessions
               set cancelled_at = $2, cancelled_by = $3, cancellation = $4, changed_at = $2, sequence = sequence + 1
               where id = $1 and started_at is null and cancelled_at is null returning id, centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'session.cancelled', id, jsonb_build_object('centre_id', centre_id), $2 from cancelled""",
        session_id,
        now,
        by,
        reason,
    )
    _refuse_unchanged(status)


def _refuse_unchanged(status: str) -> None:
    if status.endswith(" 0"):
        raise NotInThatState
