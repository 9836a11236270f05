"""A planned session changes: it moves to another time or room, or it is cancelled with a reason."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from scheduling import jury_seats, moves, regrouping, rooms, sessions
from scheduling.refusals import CancellationUnmotivated, RoomBusy, RoomClosed, RoomUnsuitable
from service import agenda, auth, desk, obstacles, reach, versions, wall_clock
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined, sentence
from service.web.look import render

Short = Annotated[str, Meta(max_length=60)]
FIELDS: dict[type[Exception], str] = {
    RoomBusy: "at",
    RoomClosed: "at",
    RoomUnsuitable: "room_id",
    CancellationUnmotivated: "reason",
}


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """When the test begins by the clock in Brussels, and where; the duration stays."""

    day: Short = ""
    at: Short = ""
    which: Short = ""
    room_id: Short = ""
    version: versions.Version = ""


class Cancellation(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    rebook: Short = ""


class Movable(Struct, frozen=True):
    """The session, and the rooms of its kind."""

    line: agenda.SessionLine
    rooms: list[rooms.Room]


@get("/centre/sessions/{session_id:uuid}/time", include_in_schema=False, guards=[auth.may("sessions", "move")])
async def move_page(session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """The time and the room it has now, to change."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        movable = await _movable(tx, session_id)
    shown = movable.line.starts_at.astimezone(BRUSSELS)
    form = Time(shown.date().isoformat(), shown.strftime("%H:%M"), "", str(movable.line.room_id))
    return _move_page(request, movable, form)


@post("/centre/sessions/{session_id:uuid}/time", include_in_schema=False, guards=[auth.may("sessions", "move")])
async def move(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Time],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Move it with its equipment, jury and candidates, if every one of them is free; everyone is told. Who reads what the
    move means reads of all of them: one who came since is not overlooked."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        movable = await _movable(tx, session_id)
    moment, room, errors = _chosen(movable, data, words, now)
    if moment is None or room is None:
        return _move_page(request, movable, data, status=422, errors=errors)
    with Declined() as no:
        async with db.transaction() as tx:
            await sessions.hold(tx, session_id)
            if versions.is_stale(data.version, await _whole(tx, session_id)):
                return _move_page(request, movable, data, status=412, errors={"": words.gettext(versions.CHANGED)})
            await sessions.move(tx, session_id, starts_at=moment, room_id=room.id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    async with db.read() as tx:
        met = await moves.met(tx, type(no.refusal), session_id, moment, room.id)  # type: ignore[arg-type]
    errors = {field: said + obstacles.said_of_move(met, words) for field, said in no.errors(words, FIELDS).items()}
    return _move_page(request, movable, data, status=no.status, errors=errors)


@post(
    "/centre/sessions/{session_id:uuid}/time/consequences",
    include_in_schema=False,
    guards=[auth.may("sessions", "move")],
    status_code=200,
)
async def rehearse_move(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Time],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Whom the move would concern and what forbids it, if anything does; nothing is written."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        movable = await _movable(tx, session_id)
        _, jury, attendees = whole = await _whole(tx, session_id)
    moment, room, errors = _chosen(movable, data, words, now)
    if moment is None or room is None:
        return _move_page(request, movable, data, status=422, errors=errors)
    async with db.transaction() as tx:
        found = await moves.rehearse(tx, session_id, starts_at=moment, room_id=room.id, by=me.id, now=now)
    if found.refusal is not None:
        said = sentence(words, found.refusal) + obstacles.said_of_move(found, words)
        return _move_page(request, movable, data, status=409, errors={FIELDS.get(found.refusal, ""): said})
    return render(
        request,
        "centre/consequences.html",
        line=movable.line,
        form=structs.asdict(data) | {"version": versions.of_form(whole)},
        starts_at=moment,
        ends_at=moment + (movable.line.ends_at - movable.line.starts_at),
        room=room,
        candidates=[who for who in attendees if who.release is None],
        jury=jury,
        days=abs((moment.astimezone(BRUSSELS).date() - movable.line.starts_at.astimezone(BRUSSELS).date()).days),
    )


@get(
    "/centre/sessions/{session_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("sessions", "cancel")]
)
async def cancel_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """What cancelling means, and the reason that it takes."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        line = await agenda.session(tx, session_id)
    return render(request, "centre/cancellation.html", line=line, reason="", errors={})


@post(
    "/centre/sessions/{session_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("sessions", "cancel")]
)
async def cancel(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Cancellation],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Cancel it before it begins; room, equipment, jury and candidates are free, and told."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await regrouping.cancel(tx, session_id, reason=data.reason, rebook=data.rebook == "yes", by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    async with db.read() as tx:
        line = await agenda.session(tx, session_id)
    errors = no.errors(words, FIELDS)
    return render(request, "centre/cancellation.html", status=no.status, line=line, reason=data.reason, errors=errors)


def _chosen(
    movable: Movable, form: Time, words: Language, now: datetime
) -> tuple[datetime | None, rooms.Room | None, dict[str, str]]:
    """The moment and the room that the form asks for; or None, and what is missing in it."""
    moment = wall_clock.asked(form, words, now=now)
    if isinstance(moment, dict):
        return None, None, moment
    room = next((room for room in movable.rooms if str(room.id) == form.room_id), None)
    return moment, room, {} if room else {"room_id": words.gettext(N_("Choose a room"))}


async def _whole(
    tx: asyncpg.Connection, session_id: UUID
) -> tuple[agenda.SessionLine, list[jury_seats.JurySeat], list[agenda.Attendee]]:
    """All that a move concerns."""
    return (
        await agenda.session(tx, session_id),
        await jury_seats.of_session(tx, session_id),
        await agenda.attendees(tx, session_id),
    )


async def _movable(tx: asyncpg.Connection, session_id: UUID) -> Movable:
    line = await agenda.session(tx, session_id)
    session = await sessions.get(tx, session_id)
    kind = (await desk.rules(tx, session_id)).room_kind
    return Movable(line, [room for room in await rooms.of_centre(tx, session.centre_id) if room.kind == kind])


def _move_page(
    request: Request[Any, Any, Any],
    movable: Movable,
    form: Time,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return render(
        request,
        "centre/time.html",
        status=status,
        line=movable.line,
        rooms=movable.rooms,
        form=structs.asdict(form),
        errors=errors or {},
    )


HANDLERS = [move_page, rehearse_move, move, cancel_page, cancel]
