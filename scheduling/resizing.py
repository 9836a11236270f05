"""More or fewer places in a session, with the equipment that these need: no piece stays with a place that is gone.

While somebody could still take one: who is on a closed list has a summons, and after the hour nobody books any more.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import equipment_reservations, sessions
from scheduling.refusals import NotInThatState

CHANGEABLE: tuple[sessions.State, ...] = ("draft", "open", "full")


async def resize(tx: asyncpg.Connection, session_id: UUID, *, seats: int, now: datetime) -> None:
    """Offer that many places until the list is closed or the hour of the test has come. Refuses NotFound, NotInThatState,
    SessionFull where more are taken, EquipmentShort, EquipmentBusy, and at commit SeatsExceedCapacity."""
    await sessions.hold(tx, session_id)
    session = await sessions.get(tx, session_id)
    if session.state not in CHANGEABLE or session.starts_at <= now:
        raise NotInThatState
    await sessions.resize(tx, session_id, seats=seats, now=now)
    await equipment_reservations.release_what_is_over(tx, session_id, now=now)
    await equipment_reservations.reserve_what_is_needed(tx, session_id)
