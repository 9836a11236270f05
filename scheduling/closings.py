"""What keeps a room shut at a time: a closure of it or of its centre, or else its opening hours. For the reader: whether it is
shut is judged by the database."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import closures, opening_hours
from scheduling.closures import Closure
from scheduling.opening_hours import OpeningDay

Closing = Closure | OpeningDay


async def of(tx: asyncpg.Connection, room_id: UUID, *, starts_at: datetime, ends_at: datetime) -> Closing:
    """The first closure in that time; where there is none, when the room is open that day."""
    closure = await closures.in_the_way(tx, room_id, starts_at=starts_at, ends_at=ends_at)
    return closure or await opening_hours.of_day(tx, room_id, starts_at)
