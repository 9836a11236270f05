"""Measures: a candidate asks, a centre manager grants or refuses; who takes part beside a candidate."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import accommodations
from assessments.refusals import AccommodationAlreadyAsked, AccommodationSettled, RefusalUnmotivated
from scheduling import companions
from scheduling.refusals import (
    AssessorBusy,
    AssessorKnowsCandidate,
    CandidateBusy,
    CompanionAlreadyFound,
    CompanionBusy,
    EquipmentBusy,
    NotInThatState,
    RoomBusy,
    RoomNotAccessible,
)
from service import auth, measures, reach
from service.api.described import refusals
from service.provide import Db, Now
from service.refusals import NotFound

Percent = Annotated[int, Meta(ge=0, le=100)]


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """`extra_percent`: of the test's duration, for extra time. Never the reason."""

    measure: accommodations.Measure
    extra_percent: Percent = 0


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`extra_percent`: another share than was asked for; `motivation`: for a refusal, which the candidate reads."""

    answer: Literal["granted", "refused"]
    extra_percent: Percent | None = None
    motivation: Annotated[str, Meta(max_length=2_000)] = ""


class Settled(Struct, frozen=True):
    """`widened`: how many bookings grew."""

    id: UUID
    widened: int


class Engagement(Struct, frozen=True, forbid_unknown_fields=True):
    """A person of the register of assessors."""

    assessor_id: UUID
    measure: companions.Measure


class Engaged(Struct, frozen=True):
    id: UUID


@get("/measures", tags=["measures"], guards=[auth.may("measures", "ask")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[accommodations.Accommodation]:
    """What I asked for, newest first."""
    async with db.read() as tx:
        return await accommodations.of_candidate(tx, auth.own(me.candidate_id))


@post(
    "/measures",
    tags=["measures"],
    guards=[auth.may("measures", "ask")],
    responses=refusals(AccommodationAlreadyAsked, codes=(400, 401, 403, 422)),
)
async def ask(data: JSONBody[Wish], me: auth.Me, db: Db, now: Now) -> Engaged:
    """Ask for a measure."""
    candidate_id = auth.own(me.candidate_id)
    async with db.transaction() as tx:
        return Engaged(
            await accommodations.request(tx, candidate_id, data.measure, now=now, extra_percent=data.extra_percent)
        )


@put(
    "/measures/{accommodation_id:uuid}/answer",
    tags=["measures"],
    guards=[auth.may("measures", "answer")],
    responses=refusals(
        AccommodationSettled,
        RefusalUnmotivated,
        RoomBusy,
        EquipmentBusy,
        AssessorBusy,
        CompanionBusy,
        CandidateBusy,
        RoomNotAccessible,
        codes=(400, 401, 403, 404, 422),
    ),
)
async def answer(accommodation_id: FromPath[UUID], data: JSONBody[Answer], me: auth.Me, db: Db, now: Now) -> Settled:
    """Grant it, and widen what is booked; or refuse it and say why. Where a booking cannot grow nothing is granted."""
    async with db.transaction() as tx:
        if not await measures.answers(tx, me.centre_id, accommodation_id):
            raise NotFound
        if data.answer == "refused":
            await accommodations.refuse(tx, accommodation_id, data.motivation, by=me.id, now=now)
            return Settled(accommodation_id, 0)
    async with db.as_house().transaction() as tx:  # it widens what is booked in every centre, not only in the caller's
        widened = await measures.grant(tx, accommodation_id, extra_percent=data.extra_percent, by=me.id, now=now)
    return Settled(accommodation_id, widened)


@post(
    "/bookings/{booking_id:uuid}/companions",
    tags=["measures"],
    guards=[auth.may("measures", "companion")],
    responses=refusals(
        CompanionBusy, CompanionAlreadyFound, AssessorKnowsCandidate, NotInThatState, codes=(400, 401, 403, 404, 422)
    ),
)
async def engage(
    booking_id: FromPath[UUID], data: JSONBody[Engagement], me: auth.Me, db: Db, now: Now
) -> Response[Engaged]:
    """Engage an interpreter or a reader for a candidate who was granted one."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await reach.knows_assessor(tx, data.assessor_id)
        found = await companions.give(tx, booking_id, data.assessor_id, data.measure, by=me.id, now=now)
    return Response(Engaged(found), status_code=201)


@delete(
    "/companions/{companion_id:uuid}",
    tags=["measures"],
    guards=[auth.may("measures", "companion")],
    responses=refusals(NotInThatState, codes=(401, 403, 404, 409)),
    status_code=204,
)
async def disengage(companion_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """Release them before the test."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, await companions.booking_of(tx, companion_id))
        await companions.release(tx, companion_id, by=me.id, now=now)


HANDLERS = [mine, ask, answer, engage, disengage]
