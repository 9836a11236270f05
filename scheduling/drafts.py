"""Drafting a session together with its equipment and the jury that is wished for, and saying what was not to be had."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, closings, equipment_reservations, jury_seats, sessions
from scheduling.closings import Closing
from scheduling.closures import Closure
from scheduling.refusals import Refusal, RoomBusy, RoomClosed


class Seat(Struct, frozen=True, forbid_unknown_fields=True):
    assessor_id: UUID
    role: jury_seats.Role


class Conflict(Struct, frozen=True):
    """A rule that refuses. `about` says what it is about: the closure's reason as it was entered, the other session's unit,
    the member of the jury, the candidate of a booking; `closing`: what keeps the room shut."""

    rule: type[Refusal]
    about: str = ""
    seat: Seat | None = None
    closing: Closing | None = None
    booking_id: UUID | None = None


class Outcome(Struct, frozen=True):
    """`blocked`: why there is no session; `missing`: who could not be seated on the jury of the one there is."""

    session_id: UUID | None
    blocked: Conflict | None
    missing: tuple[Conflict, ...] = ()


async def draft(
    tx: asyncpg.Connection,
    plan: sessions.Plan,
    jury: tuple[Seat, ...],
    *,
    by: UUID | None,
    now: datetime,
    series_id: UUID | None = None,
) -> Outcome:
    """Draft a session with all that can be had; nothing is written where room or equipment refuse."""
    planned: list[UUID] = []

    async def room_and_equipment() -> None:
        planned.append(await sessions.plan(tx, plan, by=by, now=now, series_id=series_id))
        await equipment_reservations.reserve_what_is_needed(tx, planned[0])

    rule = await attempts.refusal_of(tx, room_and_equipment)
    if rule is not None:
        closing = await closing_of(tx, plan) if rule is RoomClosed else None
        about = closing.reason if isinstance(closing, Closure) else await _about(tx, rule, plan)
        return Outcome(None, Conflict(rule, about, closing=closing))
    missing = []
    for seat in jury:
        rule = await _seat(tx, planned[0], seat, by=by, now=now)
        if rule is not None:
            missing.append(Conflict(rule, await _name(tx, seat.assessor_id), seat))
    return Outcome(planned[0], None, tuple(missing))


async def _seat(
    tx: asyncpg.Connection, session_id: UUID, seat: Seat, *, by: UUID | None, now: datetime
) -> type[Refusal] | None:
    async def give() -> None:
        await jury_seats.give(tx, session_id, seat.assessor_id, seat.role, by=by, now=now)

    return await attempts.refusal_of(tx, give)


async def closing_of(tx: asyncpg.Connection, plan: sessions.Plan) -> Closing:
    """What keeps the room of a plan shut that RoomClosed refuses."""
    ends_at = await tx.fetchval(
        """select $2::timestamptz + make_interval(mins => st.duration_minutes) from assessments.standards st
           where st.unit_id = $1 and st.published_at is not null and st.retired_at is null
           order by st.version desc limit 1""",
        plan.unit_id,
        plan.starts_at,
    )
    return await closings.of(tx, plan.room_id, starts_at=plan.starts_at, ends_at=ends_at)


async def _about(tx: asyncpg.Connection, rule: type[Refusal], plan: sessions.Plan) -> str:
    """For the reader only: the rule itself has judged already."""
    if rule is RoomBusy:
        return str(
            await tx.fetchval(
                """select coalesce((
                       select u.code from scheduling.sessions s join assessments.units u on u.id = s.unit_id
                       join assessments.standards st on st.unit_id = $2 and st.published_at is not null
                                                     and st.retired_at is null
                       where s.room_id = $1 and s.cancelled_at is null
                         and s.occupied && scheduling.widened(
                             tstzrange($3::timestamptz, $3 + make_interval(mins => st.duration_minutes)),
                             st.setup_minutes, st.teardown_minutes)
                       order by lower(s.test_time) limit 1), '')""",
                plan.room_id,
                plan.unit_id,
                plan.starts_at,
            )
        )
    return ""


async def _name(tx: asyncpg.Connection, assessor_id: UUID) -> str:
    return str(
        await tx.fetchval(
            "select coalesce((select given_name || ' ' || family_name from assessments.assessors where id = $1), '')",
            assessor_id,
        )
    )
