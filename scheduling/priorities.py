"""First in line: candidates whom the centre failed go before everybody who waits for the unit, in any centre.

Who is first in line at present is the view scheduling.first_in_line: a priority ends by itself with the next place.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

Cause = Literal["turned_away", "cancelled_by_centre", "new_test"]


async def grant(tx: asyncpg.Connection, booking_id: UUID, cause: Cause, *, by: UUID | None, now: datetime) -> None:
    """Put the candidate of a lost booking first in line for its unit. Doing it twice changes nothing."""
    await tx.execute(
        """insert into scheduling.priorities (booking_id, candidate_id, unit_id, cause, granted_at, granted_by)
           select b.id, b.candidate_id, b.unit_id, $2, $3, $4 from scheduling.bookings b where b.id = $1
           on conflict (booking_id) do nothing""",
        booking_id,
        cause,
        now,
        by,
    )


async def withdraw(tx: asyncpg.Connection, booking_id: UUID, cause: Cause) -> None:
    """The booking was not lost after all: nobody goes first in line for it."""
    await tx.execute("delete from scheduling.priorities where booking_id = $1 and cause = $2", booking_id, cause)


async def is_first(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID) -> bool:
    """Whether the candidate goes first in line for the unit at present."""
    return bool(
        await tx.fetchval(
            """select exists (select from scheduling.first_in_line f where f.candidate_id = $1 and f.unit_id = $2)""",
            candidate_id,
            unit_id,
        )
    )
