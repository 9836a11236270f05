"""Bookings: a candidate takes a seat, sees it, gives it back."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import MediaType, Response, get, post
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Struct

from assessments import enrolments
from scheduling import bookings, sessions
from scheduling.refusals import (
    AssessorKnowsCandidate,
    CandidateBusy,
    CandidateTooYoung,
    GuidanceRequired,
    NotInThatState,
    SessionFull,
    SessionNotOpen,
    TitreAlreadyHeld,
    UnitAlreadyBooked,
)
from service import agenda, auth, idempotency, reach
from service.accounts import Account
from service.api.described import refusals
from service.provide import Db, Now
from service.refusals import KeyInFlight, KeyReused, NotFound

KEY = re.compile(r"^[!-~]{1,200}$")


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """The session, as GET /places names it."""

    session_id: UUID


class Booked(Struct, frozen=True):
    """A seat is taken; its letter follows by mail."""

    id: UUID
    session_id: UUID
    state: Literal["confirmed"] = "confirmed"


class Cancelled(Struct, frozen=True):
    """`release`: late, when less time is left than the centre needs to call somebody else."""

    id: UUID
    release: bookings.Release


async def keyed(connection: auth.Connection, handler: BaseRouteHandler) -> None:
    """Whoever might have to ask again says so with a key. Refuses (400) a missing or unprintable one."""
    if not KEY.fullmatch(connection.headers.get("idempotency-key", "")):
        raise ClientException("Idempotency-Key: 1 to 200 printable ASCII characters")


@post(
    "/bookings",
    tags=["bookings"],
    guards=[auth.may("bookings", "book"), keyed],
    responses=refusals(
        SessionFull,
        SessionNotOpen,
        CandidateBusy,
        UnitAlreadyBooked,
        CandidateTooYoung,
        TitreAlreadyHeld,
        GuidanceRequired,
        AssessorKnowsCandidate,
        KeyInFlight,
        KeyReused,
        codes=(400, 401, 403, 404, 422),
    ),
)
async def book(
    data: JSONBody[Order],
    key: Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern=KEY.pattern)],
    me: auth.Me,
    db: Db,
    now: Now,
) -> Response[Booked]:
    """Take a seat, enrolling for the unit first if need be. Asked again with the same key and body within seven days,
    it gives the same answer and takes nothing; a refusal is not kept, and is judged anew."""
    request = idempotency.digest("POST", "/api/v1/bookings", msgspec.json.encode(data))
    async with db.transaction() as tx:
        answer = await idempotency.claim(tx, me.id, key, request=request, now=now)
        if answer is None:
            booked = await _take_seat(tx, me, data.session_id, now=now)
            answer = idempotency.Answer(201, msgspec.json.encode(booked))
            await idempotency.remember(tx, me.id, key, answer)
    return _answered(answer)


async def _take_seat(tx: Any, me: Account, session_id: UUID, *, now: Now) -> Booked:
    candidate_id = auth.own(me.candidate_id)
    session = await sessions.get(tx, session_id)
    if session.opened_at is None:
        raise NotFound  # a draft is nobody's business yet
    await enrolments.enrol(tx, candidate_id, session.unit_id, by=me.id, now=now)
    return Booked(await bookings.book(tx, session_id, candidate_id, by=me.id, now=now), session_id)


def _answered(answer: idempotency.Answer) -> Response[Any]:
    booked = msgspec.json.decode(answer.body, type=Booked)
    return Response(
        answer.body,
        status_code=answer.status,
        media_type=MediaType.JSON,
        headers={"Location": f"/api/v1/bookings/{booked.id}"},
    )


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
async def cancel(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Cancelled:
    """Give the seat back; it is free at once."""
    async with db.transaction() as tx:
        await reach.holds_booking(tx, me, booking_id)
        release = await bookings.cancel(tx, booking_id, policy=bookings.CancellationPolicy(), by=me.id, now=now)
    return Cancelled(booking_id, release)


HANDLERS = [book, mine, one, cancel]
