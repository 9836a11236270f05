"""Before a test: I will come, or I give my place to somebody else. Where the reminder's link leads."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from scheduling import confirmations
from service import agenda, auth, reach, reminders
from service.booking_rules import Booking as Rules
from service.provide import Db, Now
from service.web.look import render


@get("/bookings/{booking_id:uuid}/reminder", include_in_schema=False, guards=[auth.may("bookings", "read")])
async def ask(
    booking_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, rules: Rules
) -> Response[str]:
    """One question with two buttons; and what was answered, once it is."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        line = await agenda.booking(tx, booking_id)
        asked = await reminders.asked(tx, booking_id)
        confirmed_at = await confirmations.confirmed_at(tx, booking_id)
    return render(
        request,
        "bookings/reminder.html",
        line=line,
        is_coming=line.state in ("confirmed", "convoked") and line.starts_at > now,
        is_late=rules.cancellation(line.scheme).release(line.starts_at, now) == "cancelled_late",
        release_at=asked.release_at if asked else None,
        confirmed_at=confirmed_at,
    )


@post("/bookings/{booking_id:uuid}/confirmation", include_in_schema=False, guards=[auth.may("bookings", "confirm")])
async def confirm(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """I will come."""
    async with db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        await confirmations.confirm(tx, booking_id, by=me.id, now=now)
    return Redirect(f"/bookings/{booking_id}/reminder", status_code=303)


HANDLERS = [ask, confirm]
