"""What follows when a seat is free: those who wait in line come first, then those who asked to be told."""

from uuid import UUID

import asyncpg

from scheduling import offers
from service import alert_reactions, booking_rules
from service.outbox import Event
from service.wiring import Running


async def opened(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await offer_seats(tx, event.aggregate, running)
    await alert_reactions.tell_opened(tx, event, running)


async def freed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await offer_seats(tx, UUID(event.payload["session_id"]), running)
    await alert_reactions.tell_freed(tx, event, running)


async def after_joining(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Whoever joins a list while there is a place is offered it at once."""
    for session_id in await offers.open_sessions(tx, unit_id=UUID(event.payload["unit_id"]), now=running.now()):
        await offer_seats(tx, session_id, running)


async def offer_seats(tx: asyncpg.Connection, session_id: UUID, running: Running) -> int:
    """What is free in a session goes to the waiting list; how many offers were made."""
    policy = booking_rules.rules(running.settings).offer
    return len(await offers.offer(tx, session_id, policy=policy, now=running.now()))
