"""The door: a scanned code leads here, to one candidate and the next thing to do; the candidate, to their booking."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from service import agenda, auth, check_in_codes, desk, mistakes, reach
from service.provide import Db, Now
from service.refusals import NotFound
from service.settings import secret
from service.web.look import render

Code = Annotated[str, Meta(max_length=80)]


@get("/check-in/{code:str}", include_in_schema=False, guards=[auth.may("attendance", "scan")])
async def scanned(
    code: FromPath[Code], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[Any]:
    """Who this is and whether they are expected here and now; large buttons, as on the list of the day."""
    booking_id = check_in_codes.booking_of(secret(request.app.state.settings), code)
    if booking_id is None:
        raise NotFound
    if me.role == "candidate":
        async with db.read() as tx:
            await reach.holds_booking(tx, me, booking_id)
        return Redirect(f"/bookings/{booking_id}", status_code=303)
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        person = await desk.person(tx, booking_id)
        line = await agenda.session(tx, person.session_id)
        attendees = await agenda.attendees(tx, person.session_id)
        causes, onward = await desk.causes(tx, person.session_id), await desk.onward(tx, person.session_id)
        kept = await mistakes.kept(tx, person.session_id, now=now)
        elsewhere = await desk.elsewhere(tx, booking_id)
    who = next(one for one in attendees if one.booking_id == booking_id)
    return render(
        request,
        "centre/check_in.html",
        line=line,
        who=who,
        is_early=line.is_before_its_day(now),
        turns_away=line.turns_away(now),
        cause=causes.get(booking_id),
        goes=onward.get(booking_id),
        kept=kept.get(booking_id),
        elsewhere=elsewhere,
    )


HANDLERS = [scanned]
