"""The day itself: identity seen, contract signed, or nobody came."""

from uuid import UUID

from litestar import put
from litestar.params import FromPath

from scheduling import attendance, bookings
from scheduling.refusals import NotInThatState
from service import agenda, auth, reach
from service.api.described import refusals
from service.provide import Db, Now

TAGS = ["attendance"]
RESPONSES = refusals(NotInThatState, codes=(401, 403, 404))


@put("/bookings/{booking_id:uuid}/identity-check", tags=TAGS, guards=[auth.manager], responses=RESPONSES)
async def check_in(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The identity was seen, in a locked session that has not ended. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.check_in(tx, booking_id, by=me.id, now=now)
        return await agenda.booking(tx, booking_id)


@put("/bookings/{booking_id:uuid}/contract", tags=TAGS, guards=[auth.manager], responses=RESPONSES)
async def sign_contract(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The test contract is signed: the candidate is insured. After the identity check. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.sign_contract(tx, booking_id, now=now)
        return await agenda.booking(tx, booking_id)


@put("/bookings/{booking_id:uuid}/no-show", tags=TAGS, guards=[auth.manager], responses=RESPONSES)
async def mark_no_show(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The candidate did not come, and sent no word."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await bookings.release_seat(tx, booking_id, "no_show", by=me.id, now=now)
        return await agenda.booking(tx, booking_id)


HANDLERS = [check_in, sign_contract, mark_no_show]
