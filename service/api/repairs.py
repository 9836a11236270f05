"""What goes wrong: sessions are split, merged and mended together; a candidate is turned away with the cause."""

from typing import Annotated
from uuid import UUID

import asyncpg
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import drafts, regrouping, repair_plans, repairs, rooms, turnings_away
from scheduling.attendance_refusals import TurnedAwayTooEarly
from scheduling.equipment_refusals import EquipmentCountedOn
from scheduling.refusals import (
    AssessorBusy,
    CancellationUnmotivated,
    CandidateBusy,
    EquipmentShort,
    NotInThatState,
    RepairOutdated,
    RoomBusy,
    RoomClosed,
    RoomUnsuitable,
    SeatsExceedCapacity,
    SessionFull,
    SessionNotOpen,
    SessionOver,
    SessionsDiffer,
    UnitAlreadyBooked,
)
from service import agenda, auth, obstacles, planners, reach
from service.api.described import refusals
from service.api.fields import Moment, refuse_unlikely
from service.problems import slug_of
from service.provide import Db, Now, Words
from service.refusals import NotFound

TAGS = ["repairs"]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class Split(Struct, frozen=True, forbid_unknown_fields=True):
    """Who goes to the second session, and what it is."""

    room_id: UUID
    starts_at: Moment
    seats: Annotated[int, Meta(ge=1, le=500)]
    jury: Annotated[tuple[drafts.Seat, ...], Meta(min_length=1, max_length=10)]
    bookings: Annotated[list[UUID], Meta(min_length=1, max_length=500)]

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)


class Merge(Struct, frozen=True, forbid_unknown_fields=True):
    into: UUID
    reason: Annotated[str, Meta(max_length=2_000)]


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a centre fails, from when until when; of equipment `ends_at` may be left out: nobody knows yet. `reason` is read
    by candidates whose test is cancelled."""

    centre_id: UUID
    trouble: repair_plans.Trouble
    subject_id: UUID
    starts_at: Moment
    reason: Reason
    ends_at: Moment | None = None

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)
        if self.ends_at is None:
            if self.trouble != "equipment":
                raise ValueError("the end may be left out of equipment only")
            return
        refuse_unlikely(self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError("the end comes after the beginning")


class Mending(Struct, frozen=True):
    """A session, its ways by name, the cheapest first, and the one that is proposed. `impossible`: what looked like a way, by
    name, and the rule that forbids it."""

    session: agenda.SessionLine
    options: list[str]
    proposed: str
    refused: str | None
    impossible: dict[str, str]


class Repair(Struct, frozen=True):
    id: UUID
    applied_at: Moment | None
    sessions: list[Mending]
    changed: list[tuple[UUID, str]]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """For each session of the proposal the name of one of its options."""

    choices: Annotated[dict[UUID, Annotated[str, Meta(max_length=200)]], Meta(max_length=500)]


class TurningAway(Struct, frozen=True, forbid_unknown_fields=True):
    cause: turnings_away.Cause


@post(
    "/sessions/{session_id:uuid}/split",
    tags=TAGS,
    guards=[auth.may("sessions", "split")],
    responses=refusals(
        NotInThatState,
        RoomBusy,
        RoomClosed,
        RoomUnsuitable,
        EquipmentShort,
        AssessorBusy,
        CandidateBusy,
        SeatsExceedCapacity,
    ),
)
async def split(
    session_id: FromPath[UUID], data: JSONBody[Split], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[agenda.SessionLine]:
    """Give some candidates a second session, open too; answer with it. A refusal says in `obstacles` whom or what it met."""
    with obstacles.named(words):
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            reach.runs_centre(me, (await rooms.get(tx, data.room_id)).centre_id)
            half = regrouping.Half(data.room_id, data.starts_at, data.seats, data.jury)
            for booking_id in data.bookings:
                await reach.runs_booking(tx, me, booking_id)
            second = await regrouping.split(tx, session_id, half, data.bookings, by=me.id, now=now)
            line = await agenda.session(tx, second)
    return Response(line, status_code=201, headers={"Location": f"/api/v1/sessions/{second}"})


@post(
    "/sessions/{session_id:uuid}/merge",
    tags=TAGS,
    guards=[auth.may("sessions", "merge")],
    responses=refusals(
        SessionsDiffer, SessionFull, SessionNotOpen, NotInThatState, CancellationUnmotivated, CandidateBusy
    ),
)
async def merge(
    session_id: FromPath[UUID], data: JSONBody[Merge], me: auth.Me, db: Db, now: Now, words: Words
) -> agenda.SessionLine:
    """Give all its candidates a place in another session and cancel it; answer with the other one. A refusal says in
    `obstacles` who cannot follow."""
    with obstacles.named(words):
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await reach.runs_session(tx, me, data.into)
            await regrouping.merge(tx, session_id, data.into, reason=data.reason, by=me.id, now=now)
            return await agenda.session(tx, data.into)


@post("/repairs", tags=TAGS, guards=[auth.may("repairs", "propose")], responses=refusals())
async def propose(data: JSONBody[Trouble], me: auth.Me, db: Db, now: Now) -> Repair:
    """Record that an assessor, a room or a piece of equipment fails; answer with the best repair of each session."""
    async with db.transaction() as tx:
        reach.runs_centre(me, data.centre_id)
        found = await planners.fallible(tx, data.centre_id, now=now)
        if (data.trouble, data.subject_id) not in {(one.trouble, one.id) for one in found}:
            raise NotFound
        made = await repairs.propose(
            tx,
            centre_id=data.centre_id,
            trouble=data.trouble,
            subject_id=data.subject_id,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            reason=data.reason,
            by=me.id,
            now=now,
        )
        return await _read(tx, made, me, now)


@get(
    "/repairs/{repair_id:uuid}",
    tags=TAGS,
    guards=[auth.may("repairs", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(repair_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Repair:
    """The best repair as things stand, and what has changed since it was asked for."""
    async with db.transaction() as tx:
        return await _read(tx, repair_id, me, now)


@post(
    "/repairs/{repair_id:uuid}/application",
    tags=TAGS,
    guards=[auth.may("repairs", "apply")],
    responses=refusals(RepairOutdated, EquipmentCountedOn, SeatsExceedCapacity, RoomBusy, AssessorBusy),
)
async def apply(repair_id: FromPath[UUID], data: JSONBody[Order], me: auth.Me, db: Db, now: Now) -> Repair:
    """Mend every session as chosen, with all notices; one refusal, and nothing is done."""
    async with db.transaction() as tx:
        await reach.runs_repair(tx, me, repair_id)
        plan = await repairs.plan(tx, await repairs.get(tx, repair_id), wanted=data.choices, by=me.id, now=now)
        await repairs.apply(tx, repair_id, repairs.chosen(plan, data.choices), by=me.id, now=now)
        return await _read(tx, repair_id, me, now)


@post(
    "/bookings/{booking_id:uuid}/turning-away",
    tags=TAGS,
    guards=[auth.may("attendance", "turn_away")],
    responses=refusals(NotInThatState, TurnedAwayTooEarly),
)
async def turn_away(
    booking_id: FromPath[UUID], data: JSONBody[TurningAway], me: auth.Me, db: Db, now: Now
) -> agenda.BookingLine:
    """The candidate came and cannot take the test; if the centre answers for the cause, they go first in line. From the day
    of the test on."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await turnings_away.turn_away(tx, booking_id, data.cause, by=me.id, now=now)
        return await agenda.booking(tx, booking_id)


@delete(
    "/bookings/{booking_id:uuid}/turning-away",
    tags=TAGS,
    guards=[auth.may("attendance", "turn_away")],
    status_code=200,
    responses=refusals(
        NotInThatState, SessionOver, SessionFull, UnitAlreadyBooked, CandidateBusy, codes=(401, 403, 404)
    ),
)
async def take_back_turning_away(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """They were turned away by mistake: the candidate has the seat again, and goes first in line no more. Until the test has
    ended."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await turnings_away.take_back(tx, booking_id, by=me.id, now=now)
        return await agenda.booking(tx, booking_id)


async def _read(tx: asyncpg.Connection, repair_id: UUID, me: auth.Me, now: Now) -> Repair:
    await reach.runs_repair(tx, me, repair_id)
    repair = await repairs.get(tx, repair_id)
    if repair.applied_at is not None:
        return Repair(repair.id, repair.applied_at, [], [])
    plan = await repairs.plan(tx, repair, wanted={}, by=me.id, now=now)
    mendings = []
    for mended in plan.mended:
        refused = plan.refused.get(mended.session_id)
        line = await agenda.session(tx, mended.session_id)
        names = [option.name for option in mended.options]
        tried = {option.name: slug_of(rule) for option, rule in plan.tried.get(mended.session_id, [])}
        mendings.append(Mending(line, names, mended.chosen.name, slug_of(refused) if refused else None, tried))
    return Repair(repair.id, None, mendings, await repairs.changes(tx, repair, now=now))


HANDLERS = [split, merge, propose, one, apply, turn_away, take_back_turning_away]
