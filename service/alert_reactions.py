"""What follows when a place opens: who asked to be told is told. The clockwork looks for what no news has told of."""

from uuid import UUID

import asyncpg

from scheduling import alert_notices, alerts, places
from service import alert_letters, appointments, mails
from service.outbox import Event, Reactions
from service.settings import secret
from service.wiring import Running

SWEPT = 50  # sessions at a time


async def tell_opened(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A session opened."""
    await alert_notices.announce(tx, event.aggregate, now=running.now())


async def tell_freed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A booking was released. Comes after whoever waits in line was offered the seat: what is left is free."""
    await alert_notices.announce(tx, UUID(event.payload["session_id"]), now=running.now())


async def tell_candidate(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The letter, if the place is still there and the alert too."""
    alert, now = await alerts.get(tx, event.aggregate), running.now()
    session_id = UUID(event.payload["session_id"])
    person = await appointments.candidate(tx, alert.candidate_id)
    place = await places.get(tx, session_id, candidate_id=alert.candidate_id, now=now)
    if person is None or alert.ended_at is not None or place is None or place.refusals:
        await alert_notices.take_back(tx, alert.candidate_id, session_id)
        return
    stop = alert_letters.stop_address(running.settings.base_url, secret(running.settings), alert.id)
    draft = alert_letters.place_opened(person, place, running.settings.base_url, stop=stop)
    await mails.write(tx, draft, outbox_id=event.id, now=now)


async def sweep(running: Running, by_topic: Reactions) -> bool:
    """The worker's beat: what came free without news (a session moved, seats added), and alerts whose time is over; say
    whether there may be more."""
    async with running.db.transaction() as tx:
        await alerts.end_expired(tx, now=running.now())
        found = await alert_notices.unannounced(tx, most=SWEPT, now=running.now())
        for session_id in found:
            await alert_notices.announce(tx, session_id, now=running.now())
    return len(found) == SWEPT
