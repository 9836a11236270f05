"""More or fewer places in a session, with the equipment that these need: no piece stays with a place that is gone."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import equipment_reservations, sessions


async def resize(tx: asyncpg.Connection, session_id: UUID, *, seats: int, now: datetime) -> None:
    """Offer that many places before the session begins. Refuses SessionFull where more are taken, EquipmentShort,
    EquipmentBusy, NotInThatState, and at commit SeatsExceedCapacity."""
    await sessions.resize(tx, session_id, seats=seats, now=now)
    await equipment_reservations.release_what_is_over(tx, session_id, now=now)
    await equipment_reservations.reserve_what_is_needed(tx, session_id)
