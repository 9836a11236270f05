"""A candidate's booking: held, confirmed, seen, put into a calendar, given back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Meta, Struct, structs

from assessments import fees
from scheduling import bookings, calendars, excuses, holds, priorities
from scheduling.refusals import Refusal
from service import (
    agenda,
    appointments,
    auth,
    check_in_codes,
    explaining,
    idempotency,
    orders,
    queues,
    reach,
    reminders,
)
from service.booking_rules import Booking as Rules
from service.db import ACTING
from service.papers import shelf
from service.problems import REFUSALS, slug_of
from service.provide import Db, Now, Orders, Reasons, Words
from service.refusals import NotFound
from service.ways_out import WAYS
from service.web.look import render
from service.why_not import Refused

Key = Annotated[str, Meta(min_length=8, max_length=100, pattern=r"^[\w-]+$(?!\n)")]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`key` is new in every form: sent twice, by a double click or by going back, it takes one seat."""

    session_id: UUID
    key: Key


@post("/holds", include_in_schema=False, guards=[auth.may("bookings", "book")])
async def hold(data: URLEncodedBody[Order], ledger: Orders, now: Now, rules: Rules) -> Redirect:
    """Hold a seat while the candidate decides, enrolling for the unit first if need be; a refusal is said on the place's
    own page."""
    wish = _wish("/holds", data, now=now)
    until, most = rules.hold.until(now), rules.hold.per_person
    return await _ordered(ledger, structs.replace(wish, hold_until=until, most_held=most))


@post("/bookings", include_in_schema=False, guards=[auth.may("bookings", "book")])
async def book(data: URLEncodedBody[Order], ledger: Orders, now: Now) -> Redirect:
    """Hold and confirm in one."""
    return await _ordered(ledger, _wish("/bookings", data, now=now))


def _wish(path: str, data: Order, *, now: datetime) -> orders.Order:
    booking_id = uuid4()
    return orders.Order(
        actor=ACTING.get(),
        session_id=data.session_id,
        key=data.key,
        request=idempotency.digest("POST", path, data.session_id.bytes),
        booking_id=booking_id,
        answer=idempotency.Answer(303, msgspec.json.encode(booking_id)),
        now=now,
    )


async def _ordered(ledger: Orders, order: orders.Order) -> Redirect:
    try:
        answer = await ledger(order)
    except tuple(WAYS) as refusal:
        return Redirect(f"/sessions/{order.session_id}?refused={slug_of(type(refusal))}", status_code=303)
    return Redirect(f"/bookings/{msgspec.json.decode(answer.body, type=UUID)}", status_code=303)


@get("/bookings/{booking_id:uuid}", include_in_schema=False, guards=[auth.may("bookings", "read")])
async def one(
    booking_id: FromPath[UUID],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    rules: Rules,
    reasons: Reasons,
) -> Response[str]:
    """One of my bookings: how it stands, when and where, what to bring, and what can be done about it."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        line, booking = await agenda.booking(tx, booking_id), await bookings.get(tx, booking_id)
        kinds = await shelf.offered(tx, booking_id)
        asked = await reminders.unanswered(tx, booking_id)
        profiled = await tx.fetchval(
            "select exists (select from assessments.profiles p where p.booking_id = $1)", booking_id
        )
        excuse, fee = await excuses.of_booking(tx, booking_id), await fees.of_booking(tx, booking_id)
        candidate_id = auth.own(me.candidate_id)
        instead = line.release and await agenda.place_of(tx, candidate_id, booking.unit_id, now=now)
        waits = line.release in ("declined", "turned_away") and await queues.waits(tx, candidate_id, booking.unit_id)
        goes_first = line.release == "turned_away" and await priorities.is_first(tx, candidate_id, booking.unit_id)
    refused = explaining.BY_SLUG.get(str(request.query_params.get("refused")))
    policy = rules.cancellation(line.scheme)
    is_expected = booking.is_expected(now)
    return render(
        request,
        "bookings/one.html",
        line=line,
        extra_minutes=booking.extra_minutes,
        is_just_booked=booking.state == "confirmed" and (now - (booking.confirmed_at or now)).total_seconds() < 300,
        is_just_released=booking.released_at is not None and (now - booking.released_at).total_seconds() < 300,
        is_waiting=line.release == "declined" and waits,
        instead=instead,
        goes_first=goes_first,
        waits=waits,
        is_held=booking.is_held(now),
        seconds=int((booking.held_until - now).total_seconds()) if booking.held_until else 0,
        held_until=booking.held_until,
        now=now,
        is_cancellable=is_expected,
        is_late=policy.release(booking.starts_at, now) == "cancelled_late",
        late_hours=policy.late_hours,
        has_result=line.result is not None or profiled,
        excuse=excuse,
        fee=fee,
        can_be_excused=excuse is None and excuses.is_excusable(booking, policy=rules.excuse, now=now),
        refused=REFUSALS[refused] if refused else None,
        why=refused and await reasons(Refused(ACTING.get(), refused, None, now, booking_id=booking_id)),
        is_asked=asked,
        papers=[(kind, shelf.PAPERS[kind].name) for kind in kinds],
        code=_check_in_code(request, booking) if is_expected else None,
    )


def _check_in_code(request: Request[Any, Any, Any], booking: bookings.Booking) -> Markup:
    """The picture that the centre scans at the door."""
    address = check_in_codes.address(request.app.state.settings, booking.id)
    return Markup(segno.make_qr(address, error="m").svg_inline(border=2, omitsize=True, light="#fff", dark="#000"))


@post("/bookings/{booking_id:uuid}/acceptance", include_in_schema=False, guards=[auth.may("bookings", "accept")])
async def accept(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Take the held seat for good; its time may just be over, which the page then says."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
    try:
        async with db.transaction() as tx:
            await holds.confirm(tx, booking_id, by=me.id, now=now)
    except Refusal as refusal:
        return Redirect(f"/bookings/{booking_id}?refused={slug_of(type(refusal))}", status_code=303)
    return Redirect(f"/bookings/{booking_id}", status_code=303)


@post("/bookings/{booking_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("bookings", "cancel")])
async def cancel(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now, rules: Rules) -> Redirect:
    """Give the seat back; it is free at once. Pressed twice it is given back once."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
    try:
        async with db.transaction() as tx:
            line = await agenda.booking(tx, booking_id)
            if line.release not in bookings.GIVEN_BACK:
                await bookings.cancel(tx, booking_id, policy=rules.cancellation(line.scheme), by=me.id, now=now)
    except tuple(WAYS) as refusal:
        return Redirect(f"/bookings/{booking_id}?refused={slug_of(type(refusal))}", status_code=303)
    return Redirect(f"/bookings/{booking_id}", status_code=303)


@get("/bookings/{booking_id:uuid}/test.ics", include_in_schema=False, guards=[auth.may("bookings", "read")])
async def event(
    booking_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, words: Words
) -> Response[bytes]:
    """The test as one event, to open in a calendar: under the UID of the feeds and the invitations."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        appointment = await appointments.of_booking(tx, booking_id)
    if appointment is None:
        raise NotFound
    entry = appointment.entry(words, request.app.state.settings.base_url)
    title, cancelled = appointment.title(words), words.gettext("Cancelled")
    return Response(
        calendars.render(calendars.Feed(title, "", words.language, cancelled, (entry,))),
        media_type="text/calendar",
        headers={"Content-Disposition": 'inline; filename="preuve.ics"'},
    )


HANDLERS = [hold, book, one, accept, cancel, event]
