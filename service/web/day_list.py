"""The list of the day: who is expected, whose identity was seen, whose contract is signed, and who did not come."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import attendance, bookings, turnings_away
from service import agenda, auth, desk, mistakes, reach
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


class Cause(Struct, frozen=True, forbid_unknown_fields=True):
    cause: Annotated[str, Meta(max_length=20)] = ""


@get("/centre/sessions/{session_id:uuid}/day", include_in_schema=False, guards=[auth.may("attendance", "read")])
async def day_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """Large buttons for the person at the door, or a sheet of paper."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    return await _page(request, db, session_id, now)


@post(
    "/centre/bookings/{booking_id:uuid}/identity-check",
    include_in_schema=False,
    guards=[auth.may("attendance", "note")],
)
async def check_in(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The identity was seen."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await attendance.check_in(tx, booking_id, by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now)


@post("/centre/bookings/{booking_id:uuid}/contract", include_in_schema=False, guards=[auth.may("attendance", "note")])
async def sign_contract(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The test contract is signed."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await attendance.sign_contract(tx, booking_id, now=now)
    return await _after(request, db, booking_id, no, words, now)


@post("/centre/bookings/{booking_id:uuid}/no-show", include_in_schema=False, guards=[auth.may("attendance", "note")])
async def mark_no_show(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The candidate did not come, and sent no word."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await bookings.release_seat(tx, booking_id, "no_show", by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now)


@post(
    "/centre/bookings/{booking_id:uuid}/identity-check/removal",
    include_in_schema=False,
    guards=[auth.may("attendance", "note")],
)
async def take_back_check_in(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """It was noted by mistake that the identity was seen."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await attendance.take_back_check_in(tx, booking_id, by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now, is_taken_back=True)


@post(
    "/centre/bookings/{booking_id:uuid}/no-show/removal",
    include_in_schema=False,
    guards=[auth.may("attendance", "note")],
)
async def take_back_absence(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """It was noted by mistake that the candidate did not come."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await attendance.take_back_absence(tx, booking_id, by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now, is_taken_back=True)


@post(
    "/centre/bookings/{booking_id:uuid}/turning-away",
    include_in_schema=False,
    guards=[auth.may("attendance", "turn_away")],
)
async def turn_away(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Cause],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """The candidate came and cannot take the test; the cause decides who bears it."""
    cause = next((cause for cause in turnings_away.CAUSES if cause == data.cause), None)
    if cause is None:
        async with db.read() as tx:
            await reach.runs_booking(tx, me, booking_id)
            session_id = (await desk.person(tx, booking_id)).session_id
        said = {f"cause-{booking_id}": words.gettext(N_("Say why the candidate cannot take the test"))}
        return await _page(request, db, session_id, now, status=422, errors=said)
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await turnings_away.turn_away(tx, booking_id, cause, by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now)


@post(
    "/centre/bookings/{booking_id:uuid}/turning-away/removal",
    include_in_schema=False,
    guards=[auth.may("attendance", "turn_away")],
)
async def take_back_turning_away(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The candidate was turned away by mistake."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await turnings_away.take_back(tx, booking_id, by=me.id, now=now)
    return await _after(request, db, booking_id, no, words, now, is_taken_back=True)


async def _after(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    no: Declined,
    words: Words,
    now: datetime,
    *,
    is_taken_back: bool = False,
) -> Response[Any]:
    """Back to the same candidate in the list; or the list as it stands, with the reason why nothing changed."""
    async with db.read() as tx:
        session_id = (await desk.person(tx, booking_id)).session_id
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/day#booking-{booking_id}", status_code=303)
    kept = mistakes.KEPT.get(type(no.refusal)) if is_taken_back else None
    errors = {"": f"{words.gettext(mistakes.NOT_NOW)} {words.gettext(kept)}"} if kept else no.errors(words)
    return await _page(request, db, session_id, now, status=no.status, errors=errors)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    session_id: UUID,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        line = await agenda.session(tx, session_id)
        attendees = await agenda.attendees(tx, session_id)
        causes, onward = await desk.causes(tx, session_id), await desk.onward(tx, session_id)
        kept = await mistakes.kept(tx, session_id, now=now)
    expected = [who for who in attendees if who.release in (None, "no_show", "turned_away")]
    return render(
        request,
        "centre/day.html",
        status=status,
        errors=errors or {},
        line=line,
        is_early=line.is_before_its_day(now),
        has_begun=line.is_due(now) or line.state == "running",
        turns_away=line.turns_away(now),
        expected=expected,
        causes=causes,
        onward=onward,
        kept=kept,
        unsettled=[who for who in expected if not who.release and not who.attended_at],
        ready=sum(who.contract_signed_at is not None and who.release is None for who in expected),
        absent=sum(who.release is not None for who in expected),
        missing=sum(who.release == "no_show" for who in expected),
    )


HANDLERS = [
    day_page,
    check_in,
    sign_contract,
    mark_no_show,
    take_back_check_in,
    take_back_absence,
    turn_away,
    take_back_turning_away,
]
