"""What follows a draw, for service/reactions.py."""

from uuid import UUID

import asyncpg

from scheduling import openings
from service import draw_letters, mails
from service.outbox import Event
from service.wiring import Running


async def tell_drawn(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Who got no place is told why."""
    draft = await draw_letters.about_ask(
        tx, UUID(event.payload["opening_id"]), UUID(event.payload["candidate_id"]), running.settings.base_url
    )
    if draft is not None:
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def tell_called_off(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    for draft in await draw_letters.called_off(tx, event.aggregate, running.settings.base_url):
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def call_off(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A session was cancelled: nothing is left to draw. Its bookings and jury seats bring their own news."""
    opening = await openings.of_session(tx, event.aggregate)
    if opening is not None and opening.state == "announced":
        await openings.call_off(tx, opening.id, by=None, now=running.now())
