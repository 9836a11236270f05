"""Sessions are split, merged and cancelled with their people: in one transaction, by the verbs that everybody else uses."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, bookings, drafts, equipment_reservations, jury_seats, rebookings, sessions
from scheduling.refusals import NotInThatState, Refusal, SessionNotOpen, SessionsDiffer


class Half(Struct, frozen=True, forbid_unknown_fields=True):
    """The second session of a split: where, when, for how many, before which jury."""

    room_id: UUID
    starts_at: datetime
    seats: int
    jury: tuple[drafts.Seat, ...]


async def split(
    tx: asyncpg.Connection,
    session_id: UUID,
    half: Half,
    booking_ids: list[UUID],
    *,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Give some of an open session's candidates a second session, open too; return its id.

    Everyone in `half.jury` has to be free: refuses whatever keeps room, equipment or one of them away. Refuses
    NotInThatState once its hour has come, or when a booking is not a live one of this session, SessionFull, and all that
    a booking refuses. A refusal carries what it met (drafts.Conflict), each of them with its name: a planner mends them at
    one go.
    """
    await rebookings.lock_sessions(tx, [session_id])
    await rebookings.to_follow(tx, session_id, now=now)
    original = await sessions.get(tx, session_id)
    chosen = [await bookings.get(tx, booking_id) for booking_id in booking_ids]
    if original.state not in ("open", "full") or original.starts_at <= now or not chosen:
        raise NotInThatState
    if any(one.session_id != session_id or one.released_at is not None for one in chosen):
        raise NotInThatState
    plan = sessions.Plan(half.room_id, original.unit_id, original.language, half.starts_at, half.seats)  # type: ignore[arg-type]
    outcome = await drafts.draft(tx, plan, half.jury, by=by, now=now)
    _refuse([one for one in (outcome.blocked, *outcome.missing) if one is not None])
    second = outcome.session_id
    assert second is not None
    rule = await attempts.refusal_of(tx, lambda: sessions.open_for_booking(tx, second, by=by, now=now))
    _refuse([drafts.Conflict(rule)] if rule else [])
    await _all_follow(tx, booking_ids, second, "split", by=by, now=now)
    return second


def _refuse(met: list[drafts.Conflict]) -> None:
    if met:
        raise met[0].rule(*met)


async def _all_follow(
    tx: asyncpg.Connection,
    booking_ids: list[UUID],
    session_id: UUID,
    cause: rebookings.Cause,
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """Give each of them a place in that session instead. Refuses with everybody who cannot follow, and why."""
    met = []
    for booking_id in booking_ids:
        rule = await _give_place(tx, booking_id, session_id, cause, by=by, now=now)
        if rule is not None:
            met.append(drafts.Conflict(rule, await _candidate(tx, booking_id), booking_id=booking_id))
    _refuse(met)


async def _give_place(
    tx: asyncpg.Connection,
    booking_id: UUID,
    session_id: UUID,
    cause: rebookings.Cause,
    *,
    by: UUID | None,
    now: datetime,
) -> type[Refusal] | None:
    """What keeps somebody from following; None where they have followed."""

    async def follow() -> None:
        await rebookings.rebook(tx, booking_id, session_id, cause, by=by, now=now)

    return await attempts.refusal_of(tx, follow)


async def _candidate(tx: asyncpg.Connection, booking_id: UUID) -> str:
    return str(
        await tx.fetchval(
            """select c.given_name || ' ' || c.family_name from scheduling.bookings b
               join assessments.candidates c on c.id = b.candidate_id where b.id = $1""",
            booking_id,
        )
    )


async def merge(
    tx: asyncpg.Connection, session_id: UUID, into: UUID, *, reason: str, by: UUID | None, now: datetime
) -> int:
    """Give all candidates of a session a place in another one and cancel it, with its reason; return how many moved.

    Refuses SessionsDiffer unless both test the same unit in the same language at the same centre, SessionNotOpen,
    SessionFull when the places do not suffice, NotInThatState, CancellationUnmotivated, and all that a booking refuses:
    with everybody who cannot follow (drafts.Conflict).
    """
    await rebookings.lock_sessions(tx, [session_id, into])
    one, other = await sessions.get(tx, session_id), await sessions.get(tx, into)
    same = (one.unit_id, one.language, one.centre_id) == (other.unit_id, other.language, other.centre_id)
    if not same or one.id == other.id:
        raise SessionsDiffer
    if other.state not in ("open", "full"):
        raise SessionNotOpen
    live = await rebookings.to_follow(tx, session_id, now=now)
    await _all_follow(tx, live, into, "merge", by=by, now=now)
    await _dissolve(tx, session_id, reason=reason, by=by, now=now)
    return len(live)


async def cancel(
    tx: asyncpg.Connection, session_id: UUID, *, reason: str, rebook: bool, by: UUID | None, now: datetime
) -> list[rebookings.Moved]:
    """Cancel a session before it begins, with everything in it; say what became of each booking.

    With `rebook` each candidate gets the nearest equivalent place, or goes first in line. Refuses NotInThatState,
    CancellationUnmotivated.
    """
    await rebookings.lock_sessions(tx, [session_id])
    live = await rebookings.to_follow(tx, session_id, now=now)
    moved = []
    if rebook:
        moved = [await rebookings.rebook_nearest(tx, booking_id, "cancellation", by=by, now=now) for booking_id in live]
    await _dissolve(tx, session_id, reason=reason, by=by, now=now)
    return moved or [rebookings.Moved(booking_id) for booking_id in live]


async def _dissolve(tx: asyncpg.Connection, session_id: UUID, *, reason: str, by: UUID | None, now: datetime) -> None:
    await sessions.cancel(tx, session_id, reason=reason, by=by, now=now)
    await equipment_reservations.release_all(tx, session_id, now=now)
    await jury_seats.release_all(tx, session_id, by=by, now=now)
    await bookings.cancel_all(tx, session_id, by=by, now=now)
