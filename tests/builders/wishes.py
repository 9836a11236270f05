"""What candidates of the two centres missed, wait for and asked for."""

from datetime import datetime
from uuid import UUID

from assessments import accommodations, enrolments
from scheduling import bookings, companions, excuses, turnings_away, waiting
from tests.builders.assessments import Tx, an_assessor

Things = dict[str, UUID | str]


async def lose(tx: Tx, things: Things, how: str, *, at: datetime) -> None:
    """Somebody did not come to their test, perhaps says why (`excused`), or was turned away; their file for the unit stays."""
    booking = UUID(str(things["booking_id"]))
    lost = await bookings.get(tx, booking)
    things["enrolment_id"] = (await enrolments.of(tx, lost.candidate_id, lost.unit_id)).id
    if how == "turned":
        await turnings_away.turn_away(tx, booking, "late", by=None, now=at)
        return
    await bookings.release_seat(tx, booking, "no_show", by=None, now=at)
    if how == "excused":
        things["excuse_id"] = await excuses.ask(tx, booking, "malade", policy=excuses.ExcusePolicy(), now=at)


async def wish(tx: Tx, stages: dict[str, Things], candidate_id: UUID, unit_id: UUID, now: datetime) -> None:
    """A wait, a measure that is not answered, and an interpreter who was granted and, for one test, found."""
    granted = await accommodations.request(tx, candidate_id, "interpreter", now=now)
    await accommodations.grant(tx, granted, by=None, now=now)
    coming, person = UUID(str(stages["open"]["booking_id"])), await an_assessor(tx, now=now)
    suits = waiting.Wish(languages=("fr",), earliest=now.date())
    stages["asked"] = {
        "waiting_id": await waiting.join(tx, candidate_id, unit_id, suits, now=now),
        "accommodation_id": await accommodations.request(tx, candidate_id, "reader", now=now),
        "companion_id": await companions.give(tx, coming, person, "interpreter", by=None, now=now),
    }
