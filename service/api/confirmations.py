"""A candidate's word, before a test, that they come."""

from datetime import datetime
from uuid import UUID

from litestar import put
from litestar.params import FromPath
from msgspec import Struct

from scheduling import confirmations
from scheduling.refusals import NotInThatState
from service import auth, reach
from service.api.described import refusals
from service.provide import Db, Now


class Confirmation(Struct, frozen=True):
    booking_id: UUID
    attending_confirmed_at: datetime


@put(
    "/bookings/{booking_id:uuid}/confirmation",
    tags=["bookings"],
    guards=[auth.may("bookings", "confirm")],
    responses=refusals(NotInThatState, codes=(401, 403, 404)),
)
async def confirm(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Confirmation:
    """I will come. Twice is once."""
    async with db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        await confirmations.confirm(tx, booking_id, by=me.id, now=now)
        confirmed_at = await confirmations.confirmed_at(tx, booking_id)
    return Confirmation(booking_id, confirmed_at or now)


HANDLERS = [confirm]
