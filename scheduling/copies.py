"""A session once more, at another time or in another room: what is tested, in which language, for how many, by whom."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import drafts, jury_seats, sessions


async def copy(
    tx: asyncpg.Connection, session_id: UUID, *, room_id: UUID, starts_at: datetime, by: UUID | None, now: datetime
) -> drafts.Outcome:
    """Draft a copy with equipment of its own and as much of the jury as may come; nobody's booking comes along.

    The copy is held to the unit's standard in force, not to the one the original was opened with. Refuses NotFound;
    what else stands in the way is in the outcome.
    """
    original = await sessions.get(tx, session_id)
    plan = sessions.Plan(room_id, original.unit_id, original.language, starts_at, original.seats)  # type: ignore[arg-type]
    seats = await jury_seats.of_session(tx, session_id)
    jury = tuple(drafts.Seat(seat.assessor_id, seat.role) for seat in seats)
    return await drafts.draft(tx, plan, jury, by=by, now=now)
