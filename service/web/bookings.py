"""A candidate's booking: taken, seen, put into a calendar, given back."""

from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Meta, Struct

from assessments import enrolments
from scheduling import bookings, calendars, sessions
from scheduling.bookings import CancellationPolicy
from scheduling.refusals import NotFound as NoSuchSession
from scheduling.refusals import Refusal
from service import agenda, appointments, auth, check_in_codes, idempotency, reach, reminders
from service.accounts import Account
from service.papers import shelf
from service.problems import slug_of
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.settings import secret
from service.web.look import render

POLICY = CancellationPolicy()


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`key` is new in every form: sent twice, by a double click or by going back, it takes one seat."""

    session_id: UUID
    key: Annotated[str, Meta(min_length=8, max_length=100, pattern=r"^[\w-]+$")]


@post("/bookings", include_in_schema=False, guards=[auth.may("bookings", "book")])
async def book(data: URLEncodedBody[Order], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Take a seat, enrolling for the unit first if need be; a refusal is said on the place's own page."""
    try:
        async with db.transaction() as tx:
            booking_id = await _once(tx, me, data, now=now)
    except NoSuchSession:
        raise
    except Refusal as refusal:
        return Redirect(f"/sessions/{data.session_id}?refused={slug_of(type(refusal))}", status_code=303)
    return Redirect(f"/bookings/{booking_id}", status_code=303)


async def _once(tx: asyncpg.Connection, me: Account, order: Order, *, now: Now) -> UUID:
    request = idempotency.digest("POST", "/bookings", order.session_id.bytes)
    answer = await idempotency.claim(tx, me.id, order.key, request=request, now=now)
    if answer is not None:
        return msgspec.json.decode(answer.body, type=UUID)
    booking_id = await _take_seat(tx, me, order.session_id, now=now)
    await idempotency.remember(tx, me.id, order.key, idempotency.Answer(303, msgspec.json.encode(booking_id)))
    return booking_id


async def _take_seat(tx: asyncpg.Connection, me: Account, session_id: UUID, *, now: Now) -> UUID:
    candidate_id = auth.own(me.candidate_id)
    session = await sessions.get(tx, session_id)
    if session.opened_at is None:
        raise NotFound  # a draft is nobody's business yet
    await enrolments.enrol(tx, candidate_id, session.unit_id, by=me.id, now=now)
    return await bookings.book(tx, session_id, candidate_id, by=me.id, now=now)


@get("/bookings/{booking_id:uuid}", include_in_schema=False, guards=[auth.may("bookings", "read")])
async def one(
    booking_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now
) -> Response[str]:
    """One of my bookings: how it stands, when and where, what to bring, and what giving it back would mean."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        line, booking = await agenda.booking(tx, booking_id), await bookings.get(tx, booking_id)
        kinds = await shelf.offered(tx, booking_id)
        asked = await reminders.unanswered(tx, booking_id)
        profiled = await tx.fetchval(
            "select exists (select from assessments.profiles p where p.booking_id = $1)", booking_id
        )
    is_cancellable = line.state in ("confirmed", "convoked") and booking.starts_at > now
    return render(
        request,
        "bookings/one.html",
        line=line,
        extra_minutes=booking.extra_minutes,
        is_just_booked=booking.state == "confirmed" and (now - booking.booked_at).total_seconds() < 300,
        is_cancellable=is_cancellable,
        is_late=POLICY.release(booking.starts_at, now) == "cancelled_late",
        late_hours=POLICY.late_hours,
        has_result=line.result is not None or profiled,
        is_asked=asked,
        papers=[(kind, shelf.PAPERS[kind].name) for kind in kinds],
        code=_check_in_code(request, booking) if is_cancellable else None,
    )


def _check_in_code(request: Request[Any, Any, Any], booking: bookings.Booking) -> Markup:
    """The picture that the centre scans at the door."""
    settings = request.app.state.settings
    address = f"{settings.base_url}/check-in/{check_in_codes.code(secret(settings), booking.id)}"
    return Markup(segno.make_qr(address, error="m").svg_inline(border=2, omitsize=True, light="#fff", dark="#000"))


@post("/bookings/{booking_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("bookings", "cancel")])
async def cancel(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Give the seat back; it is free at once."""
    async with db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        await bookings.cancel(tx, booking_id, policy=POLICY, by=me.id, now=now)
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


HANDLERS = [book, one, cancel, event]
