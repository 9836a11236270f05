"""Sessions: planned, opened, locked, run and ended by the centre; read by its jury too."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import units
from scheduling import attendance, drafts, equipment_reservations, moves, regrouping, resizing, rooms, seats, sessions
from scheduling.attendance_refusals import PresenceUnsettled
from scheduling.refusals import (
    AccreditationMissing,
    AssessorBusy,
    CancellationUnmotivated,
    CandidateBusy,
    ContractUnsigned,
    EquipmentBusy,
    EquipmentShort,
    JuryIncomplete,
    NotInThatState,
    RoomBusy,
    RoomClosed,
    RoomUnsuitable,
    SeatsExceedCapacity,
    SessionFull,
)
from service import agenda, auth, obstacles, reach, versions
from service.accounts import Account
from service.api.described import refusals
from service.api.fields import Language, Limit, Moment, MomentAsked, Remarks, UnitCode, asked, refuse_unlikely
from service.api.pages import After, last_read, next_link
from service.provide import Db, Now, Words
from service.refusals import Explained

TAGS = ["sessions"]
EDITED = (401, 403, 404, 412, 422, 428)
Seats = Annotated[int, Meta(ge=1, le=500, examples=[4])]


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be tested, where, when, in which language, and for how many."""

    room_id: UUID
    unit: UnitCode
    language: Language
    starts_at: Moment
    seats: Seats

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """When the test begins, and in which room of the centre; the duration stays."""

    starts_at: Moment
    room_id: UUID

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)


class Cancellation(Struct, frozen=True, forbid_unknown_fields=True):
    """`rebook`: give each candidate the nearest equivalent place; whoever gets none goes first in line."""

    reason: Remarks
    rebook: bool = False


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    seats: Seats


@post(
    "/sessions",
    tags=TAGS,
    guards=[auth.may("sessions", "plan")],
    responses=refusals(RoomBusy, RoomClosed, RoomUnsuitable, EquipmentShort, EquipmentBusy),
)
async def plan(data: JSONBody[Plan], me: auth.Me, db: Db, now: Now, words: Words) -> Response[agenda.SessionLine]:
    """Draft a session: its room is taken, and the equipment that its standard asks for, a piece a seat. What closes the
    room is said in `obstacles`."""
    try:
        async with db.transaction() as tx:
            reach.runs_centre(me, (await rooms.get(tx, data.room_id)).centre_id)
            unit = await units.get(tx, data.unit)
            wish = sessions.Plan(data.room_id, unit.id, data.language, data.starts_at, data.seats)
            session_id = await sessions.plan(tx, wish, by=me.id, now=now)
            await equipment_reservations.reserve_what_is_needed(tx, session_id)
            planned = await agenda.session(tx, session_id)
    except RoomClosed as refusal:
        async with db.read() as tx:
            met = drafts.Conflict(RoomClosed, closing=await drafts.closing_of(tx, wish))
        raise Explained(refusal, {"obstacles": [obstacles.of(met, words)]}) from refusal
    return Response(planned, status_code=201, headers={"Location": f"/api/v1/sessions/{session_id}"})


@get("/sessions", tags=TAGS, guards=[auth.may("sessions", "list")], responses=refusals(codes=(401, 403, 422)))
async def listed(
    me: auth.Me,
    db: Db,
    now: Now,
    since: MomentAsked = None,
    until: MomentAsked = None,
    after: After = None,
    limit: Limit = 100,
) -> Response[list[agenda.SessionLine]]:
    """Sessions that begin within the range, soonest first: those of my centre, or of the juries I sit on.

    Without a range, from today for three months. A Link header leads to the next ones.
    """
    begin = asked(since, "since") or now - timedelta(days=1)
    end = asked(until, "until") or begin + timedelta(days=92)
    async with db.read() as tx:
        if me.role == "assessor":
            own = auth.own(me.assessor_id)
            found = await agenda.sessions_of_assessor(
                tx, own, since=begin, until=end, limit=limit, after=last_read(after)
            )
        else:
            centre = me.centre_id
            found = await agenda.sessions_of_centre(
                tx, centre, since=begin, until=end, limit=limit, after=last_read(after)
            )
    last = {"since": found[-1].starts_at.isoformat(), "after": found[-1].id} if found else {}
    following = {**last, "until": end.isoformat(), "limit": limit}
    return Response(found, headers=next_link("/api/v1/sessions", following, is_full=len(found) == limit))


@get(
    "/sessions/{session_id:uuid}",
    tags=TAGS,
    guards=[auth.may("sessions", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(
    session_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db
) -> Response[agenda.Session]:
    """One session, with its jury, its candidates (names and granted measures only) and its equipment.

    A jury reads only who holds a place.
    """
    async with db.read() as tx:
        await reach.sees_session(tx, me, session_id)
        shown = await _shown(tx, session_id, me)
    headers = {"ETag": versions.etag(shown), "Cache-Control": "private, no-cache"}
    if versions.is_known(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(shown, headers=headers)


async def _shown(tx: asyncpg.Connection, session_id: UUID, me: Account) -> agenda.Session:
    return await agenda.whole(tx, session_id, to_jury=me.role == "assessor")


@put(
    "/sessions/{session_id:uuid}/opening",
    tags=TAGS,
    guards=[auth.may("sessions", "open")],
    responses=refusals(AccreditationMissing, SeatsExceedCapacity, NotInThatState),
)
async def open_for_booking(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.SessionLine:
    """Let candidates book. Its seats must fit its stations, its evaluators and its equipment."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await sessions.open_for_booking(tx, session_id, by=me.id, now=now)
        return await agenda.session(tx, session_id)


@put(
    "/sessions/{session_id:uuid}/lock",
    tags=TAGS,
    guards=[auth.may("sessions", "lock")],
    responses=refusals(JuryIncomplete, AccreditationMissing, NotInThatState),
)
async def lock(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.SessionLine:
    """Close the list: the jury is complete, and the summonses go out."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await sessions.lock(tx, session_id, by=me.id, now=now)
        return await agenda.session(tx, session_id)


@put(
    "/sessions/{session_id:uuid}/start",
    tags=TAGS,
    guards=[auth.may("sessions", "run")],
    responses=refusals(ContractUnsigned, NotInThatState),
)
async def start(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.SessionLine:
    """Begin the test: everyone checked in attends. Nobody may be left without a signed contract."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await seats.expire(tx, now=now, session_id=session_id)
        await sessions.start(tx, session_id, by=me.id, now=now)
        await attendance.attend_all(tx, session_id, now=now)
        return await agenda.session(tx, session_id)


@put(
    "/sessions/{session_id:uuid}/end",
    tags=TAGS,
    guards=[auth.may("sessions", "run")],
    responses=refusals(NotInThatState, PresenceUnsettled),
)
async def end(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.SessionLine:
    """End the test: the jury can deliberate."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await sessions.end(tx, session_id, by=me.id, now=now)
        return await agenda.session(tx, session_id)


@put(
    "/sessions/{session_id:uuid}/time",
    tags=TAGS,
    guards=[auth.may("sessions", "move"), versions.stated],
    responses=refusals(
        RoomBusy,
        RoomClosed,
        RoomUnsuitable,
        EquipmentBusy,
        AssessorBusy,
        CandidateBusy,
        AccreditationMissing,
        NotInThatState,
        codes=EDITED,
    ),
)
async def move(
    session_id: FromPath[UUID],
    data: JSONBody[Time],
    if_match: versions.IfMatch,
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> agenda.SessionLine:
    """Move it, with its equipment, jury and candidates, if every one of them is free; everyone is told. If-Match is the
    ETag of the session as it was read: whoever booked or moved it meanwhile is not overlooked. A refusal says in
    `obstacles` who is not free, or what closes the room."""
    try:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await sessions.hold(tx, session_id)
            versions.refuse_stale(if_match, await _shown(tx, session_id, me))
            reach.runs_centre(me, (await rooms.get(tx, data.room_id)).centre_id)
            await sessions.move(tx, session_id, starts_at=data.starts_at, room_id=data.room_id, by=me.id, now=now)
            return await agenda.session(tx, session_id)
    except moves.SAID_WITH_NAMES as refusal:
        async with db.read() as tx:
            met = await moves.met(tx, type(refusal), session_id, data.starts_at, data.room_id)
        raise Explained(refusal, {"obstacles": obstacles.of_move(met, words)}) from refusal


@put(
    "/sessions/{session_id:uuid}/seats",
    tags=TAGS,
    guards=[auth.may("sessions", "resize"), versions.stated],
    responses=refusals(SessionFull, EquipmentShort, EquipmentBusy, SeatsExceedCapacity, NotInThatState, codes=EDITED),
)
async def resize(
    session_id: FromPath[UUID], data: JSONBody[Places], if_match: versions.IfMatch, me: auth.Me, db: Db, now: Now
) -> agenda.SessionLine:
    """Change how many places it has, with its equipment, until the list is closed or the hour of the test has come; who has a
    place keeps it. If-Match is the ETag of the session as it was read."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await sessions.hold(tx, session_id)
        versions.refuse_stale(if_match, await _shown(tx, session_id, me))
        await resizing.resize(tx, session_id, seats=data.seats, now=now)
        return await agenda.session(tx, session_id)


@post(
    "/sessions/{session_id:uuid}/cancellation",
    tags=TAGS,
    guards=[auth.may("sessions", "cancel")],
    responses=refusals(CancellationUnmotivated, NotInThatState),
)
async def cancel(
    session_id: FromPath[UUID], data: JSONBody[Cancellation], me: auth.Me, db: Db, now: Now
) -> agenda.SessionLine:
    """Cancel it before it begins, with a reason: room, equipment, jury and candidates are free, and told."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await regrouping.cancel(tx, session_id, reason=data.reason, rebook=data.rebook, by=me.id, now=now)
        return await agenda.session(tx, session_id)


HANDLERS = [plan, listed, one, open_for_booking, lock, start, end, move, resize, cancel]
