"""Bookings: a candidate takes or holds a seat, confirms, sees and moves it, gives it back, and explains an absence."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import MediaType, Response, get, post
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import Scope
from msgspec import Meta, Struct

from scheduling import bookings, excuses, holds, rescheduling
from scheduling.refusals import (
    AssessorKnowsCandidate,
    CandidateBusy,
    CandidateErased,
    CandidateTooYoung,
    ExcuseAlreadyAsked,
    ExcuseTooLate,
    ExcuseUnmotivated,
    GuidanceRequired,
    HoldExpired,
    NotInThatState,
    RetakeTooSoon,
    RoomNotAccessible,
    SameSession,
    SessionFull,
    SessionNotOpen,
    TitreAlreadyHeld,
    TooManyBookings,
    TooManyHolds,
    UnitAlreadyBooked,
    UnitDiffers,
)
from service import agenda, auth, explaining, idempotency, orders, reach
from service.accounts import Account
from service.api.described import refusals
from service.booking_rules import Booking as Rules
from service.db import ACTING
from service.provide import Db, Now, Orders
from service.refusals import KeyInFlight, KeyReused

KEY = re.compile(r"^[!-~]{1,200}$")
ADDRESS = "/api/v1/bookings"


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """The session, as GET /places names it."""

    session_id: UUID


class Booked(Struct, frozen=True):
    """A seat is taken; its letter follows by mail. `held`: it has to be confirmed by `held_until`."""

    id: UUID
    session_id: UUID
    state: Literal["confirmed", "held"] = "confirmed"
    held_until: datetime | None = None


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """Free text that the centre reads, and nobody else."""

    reason: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"\S")]


class Asked(Struct, frozen=True):
    """An absence that the centre was asked to excuse."""

    id: UUID
    booking_id: UUID


class Cancelled(Struct, frozen=True):
    """`release`: late, when less time is left than the centre needs to call somebody else."""

    id: UUID
    release: bookings.Release


async def keyed(connection: auth.Connection, handler: BaseRouteHandler) -> None:
    """Whoever might have to ask again says so with a key. Refuses (400) a missing or unprintable one."""
    if not KEY.fullmatch(connection.headers.get("idempotency-key", "")):
        raise ClientException("Idempotency-Key: 1 to 200 printable ASCII characters")


class Swift(HTTPRouteHandler):
    """A write whose guards are asked without the copy of the handler that Litestar makes for each of them."""

    async def authorize_connection(self, connection: auth.Connection) -> None:
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]


BOOKING = (
    SessionFull,
    SessionNotOpen,
    CandidateBusy,
    UnitAlreadyBooked,
    CandidateTooYoung,
    TitreAlreadyHeld,
    GuidanceRequired,
    RetakeTooSoon,
    AssessorKnowsCandidate,
    RoomNotAccessible,
    TooManyBookings,
    CandidateErased,
    KeyInFlight,
    KeyReused,
)
Key = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern=KEY.pattern)]


@Swift(
    "/bookings",
    http_method="POST",
    tags=["bookings"],
    guards=[auth.may("bookings", "book"), keyed],
    responses=refusals(*BOOKING, codes=(400, 401, 403, 404, 422)),
)
async def book(data: JSONBody[Order], key: Key, scope: Scope) -> Response[Booked]:
    """Take a seat, enrolling for the unit first if need be. Asked again with the same key and body within seven days,
    it gives the same answer and takes nothing; a refusal is not kept, and is judged anew."""
    return _answered(await booked(scope, data.session_id, key))


async def booked(scope: Scope, session_id: UUID, key: str) -> idempotency.Answer:
    """The same, for whoever has said who is acting: service/short_bookings.py comes here too."""
    # Each thing asked for by its name would be a task of its own, for the most frequent write of all.
    state = scope["litestar_app"].state
    async with explaining.explaining(scope, session_id=session_id):
        answer: idempotency.Answer = await state.orders(order_of(session_id, key, now=state.running.now()))
        return answer


def order_of(session_id: UUID, key: str, *, now: datetime, login: bytes | None = None) -> orders.Order:
    """What whoever acts orders so; `login` as orders.Order has it."""
    return _order(ADDRESS, Order(session_id), key, Booked(uuid4(), session_id), now=now, login=login)


@post(
    "/holds",
    tags=["bookings"],
    guards=[auth.may("bookings", "book"), keyed],
    responses=refusals(*BOOKING, TooManyHolds, codes=(400, 401, 403, 404, 422)),
)
async def hold(
    data: JSONBody[Order], key: Key, ledger: Orders, now: Now, rules: Rules, scope: Scope
) -> Response[Booked]:
    """Hold a seat for some minutes: it takes everything that a booking takes, and is free again unless it is confirmed."""
    held = Booked(uuid4(), data.session_id, "held", rules.hold.until(now))
    order = _order("/api/v1/holds", data, key, held, now=now, most_held=rules.hold.per_person)
    async with explaining.explaining(scope, session_id=data.session_id):
        return _answered(await ledger(order))


@post(
    "/bookings/{booking_id:uuid}/acceptance",
    tags=["bookings"],
    guards=[auth.may("bookings", "accept")],
    responses=refusals(HoldExpired, NotInThatState, codes=(401, 403, 404)),
)
async def accept(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now, scope: Scope) -> Booked:
    """Take a held seat for good. Asked twice it is confirmed once."""
    async with explaining.explaining(scope, booking_id=booking_id), db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        await holds.confirm(tx, booking_id, by=me.id, now=now)
        return Booked(booking_id, (await bookings.get(tx, booking_id)).session_id)


@post(
    "/bookings/{booking_id:uuid}/rescheduling",
    tags=["bookings"],
    guards=[auth.may("bookings", "reschedule"), keyed],
    responses=refusals(*BOOKING, SameSession, UnitDiffers, NotInThatState, codes=(400, 401, 403, 404, 422)),
)
async def reschedule(
    booking_id: FromPath[UUID],
    data: JSONBody[Order],
    key: Key,
    me: auth.Me,
    db: Db,
    now: Now,
    rules: Rules,
    scope: Scope,
) -> Response[Booked]:
    """Another session of the same unit, in one step: the old seat is free only if the new one is got."""

    async def change(tx: Any) -> Booked:
        await reach.holds_booking(tx, me, booking_id)
        policy = rules.cancellation((await agenda.booking(tx, booking_id)).scheme)
        new = await rescheduling.reschedule(tx, booking_id, data.session_id, policy=policy, by=me.id, now=now)
        return Booked(new, data.session_id)

    path = f"{ADDRESS}/{booking_id}/rescheduling"
    async with explaining.explaining(scope, session_id=data.session_id, booking_id=booking_id):
        return await _once(db, me, key, path, data, change, now=now)


@post(
    "/bookings/{booking_id:uuid}/excuse",
    tags=["bookings"],
    guards=[auth.may("bookings", "excuse")],
    responses=refusals(
        ExcuseUnmotivated, ExcuseAlreadyAsked, ExcuseTooLate, NotInThatState, codes=(400, 401, 403, 404, 422)
    ),
)
async def excuse(
    booking_id: FromPath[UUID], data: JSONBody[Reason], me: auth.Me, db: Db, now: Now, rules: Rules, scope: Scope
) -> Asked:
    """Ask the centre to excuse a no-show or a late cancellation."""
    async with explaining.explaining(scope, booking_id=booking_id), db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        return Asked(await excuses.ask(tx, booking_id, data.reason, policy=rules.excuse, now=now), booking_id)


async def _once(db: Db, me: Account, key: str, path: str, data: Order, act: Any, *, now: datetime) -> Response[Booked]:
    """The act, once for a key; its answer again for every replay."""
    request = idempotency.digest("POST", path, msgspec.json.encode(data))
    async with db.transaction() as tx:
        answer = await idempotency.claim(tx, me.id, key, request=request, now=now)
        if answer is None:
            answer = idempotency.Answer(201, msgspec.json.encode(await act(tx)))
            await idempotency.remember(tx, me.id, key, answer)
    return _answered(answer)


def _order(
    path: str, data: Order, key: str, booked: Booked, *, now: datetime, most_held: int = 0, login: bytes | None = None
) -> orders.Order:
    return orders.Order(
        actor=ACTING.get(),
        session_id=data.session_id,
        key=key,
        request=idempotency.digest("POST", path, msgspec.json.encode(data)),
        booking_id=booked.id,
        answer=idempotency.Answer(201, msgspec.json.encode(booked)),
        now=now,
        hold_until=booked.held_until,
        most_held=most_held,
        login=login,
    )


def _answered(answer: idempotency.Answer) -> Response[Any]:
    return Response(
        answer.body, status_code=answer.status, media_type=MediaType.JSON, headers={"Location": address_of(answer)}
    )


def address_of(answer: idempotency.Answer) -> str:
    """Where the booking that was answered with can be read."""
    return f"{ADDRESS}/{msgspec.json.decode(answer.body, type=Booked).id}"


@get("/bookings", tags=["bookings"], guards=[auth.may("bookings", "list")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[agenda.BookingLine]:
    """All my bookings, newest test first."""
    async with db.read() as tx:
        return await agenda.bookings_of_candidate(tx, auth.own(me.candidate_id))


@get(
    "/bookings/{booking_id:uuid}",
    tags=["bookings"],
    guards=[auth.may("bookings", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> agenda.BookingLine:
    """One of my bookings, with its result once that is released."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        return await agenda.booking(tx, booking_id)


@post(
    "/bookings/{booking_id:uuid}/cancellation",
    tags=["bookings"],
    guards=[auth.may("bookings", "cancel")],
    responses=refusals(NotInThatState, codes=(401, 403, 404)),
)
async def cancel(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now, rules: Rules, scope: Scope) -> Cancelled:
    """Give the seat back; it is free at once. Asked twice it is given back once."""
    async with explaining.explaining(scope, booking_id=booking_id), db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        line = await agenda.booking(tx, booking_id)
        if line.release in bookings.GIVEN_BACK:
            return Cancelled(booking_id, line.release)
        policy = rules.cancellation(line.scheme)
        release = await bookings.cancel(tx, booking_id, policy=policy, by=me.id, now=now)
    return Cancelled(booking_id, release)


HANDLERS = [book, hold, accept, reschedule, excuse, mine, one, cancel]
