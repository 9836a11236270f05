"""A candidate came and could not take the test. The cause decides who bears it (ISO/IEC 17024, 9.2: fair and equal).

What the centre answers for (equipment, room, jury, organisation) puts the candidate first in line; what is the
candidate's own (no identity card, no signed contract, too late, conduct) does not.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from scheduling import attendance, bookings, priorities, seats

Cause = Literal["equipment", "room", "jury", "organisation", "identity", "contract", "late", "conduct"]
CAUSES: tuple[Cause, ...] = ("equipment", "room", "jury", "organisation", "identity", "contract", "late", "conduct")
OURS: tuple[Cause, ...] = ("equipment", "room", "jury", "organisation")


async def turn_away(tx: asyncpg.Connection, booking_id: UUID, cause: Cause, *, by: UUID | None, now: datetime) -> None:
    """Free the seat of somebody who came, with the cause. Refuses NotFound; TurnedAwayTooEarly before the day of the test, in
    Brussels, unless it was begun; NotInThatState when they have attended."""
    await bookings.release_seat(tx, booking_id, "turned_away", by=by, now=now)
    await tx.execute(
        """insert into scheduling.turnings_away (booking_id, cause, turned_at, turned_by) values ($1, $2, $3, $4)""",
        booking_id,
        cause,
        now,
        by,
    )
    if cause in OURS:
        await priorities.grant(tx, booking_id, "turned_away", by=by, now=now)


async def take_back(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Somebody was turned away by mistake: they have their seat again, as far as they had come, and go first in line no
    more. Of the turning away only the audit trail tells.

    Refuses what seats.give_back says: NotInThatState where nobody was turned away.
    """
    await seats.give_back(tx, booking_id, "turned_away", by=by, now=now)
    await tx.execute("delete from scheduling.turnings_away where booking_id = $1", booking_id)
    await priorities.withdraw(tx, booking_id, "turned_away")
    await attendance.attend_late(tx, booking_id, now=now)


async def cause_of(tx: asyncpg.Connection, booking_id: UUID) -> Cause | None:
    """Why; None for a booking that did not end this way."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select cause from scheduling.turnings_away where booking_id = $1", booking_id
    )
