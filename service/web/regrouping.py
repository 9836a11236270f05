"""A session is split in two, or merged with another one; everybody in it is told."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import regrouping, rooms, sessions
from scheduling.drafts import Conflict, Seat
from scheduling.refusals import CancellationUnmotivated, EquipmentShort, RoomBusy, RoomClosed, SeatsExceedCapacity
from service import agenda, auth, desk, fields, obstacles, planners, reach, wall_clock
from service.db import Database
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined, sentence
from service.web.look import render

Short = Annotated[str, Meta(max_length=60)]
ROLES = ("evaluator", "observer", "manager")
AHEAD = timedelta(days=120)
FIELDS: dict[type[Exception], str] = {
    RoomBusy: "at",
    RoomClosed: "at",
    EquipmentShort: "seats",
    SeatsExceedCapacity: "seats",
    CancellationUnmotivated: "reason",
}


class Split(Struct, frozen=True, forbid_unknown_fields=True):
    """Who goes to the second session; when by the clock in Brussels, where, for how many, before whom."""

    booking: Short | Annotated[list[Short], Meta(max_length=500)] = ""
    day: Short = ""
    at: Short = ""
    which: Short = ""
    room_id: Short = ""
    seats: Short = ""
    evaluator: Short = ""
    observer: Short = ""
    manager: Short = ""

    @property
    def chosen(self) -> list[str]:
        return [one for one in ([self.booking] if isinstance(self.booking, str) else self.booking) if one]


class Merge(Struct, frozen=True, forbid_unknown_fields=True):
    into: Short = ""
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class Splittable(Struct, frozen=True):
    line: agenda.SessionLine
    session: sessions.Session
    attendees: list[agenda.Attendee]
    rooms: list[rooms.Room]
    people: dict[str, list[planners.Eligible]]


@get("/centre/sessions/{session_id:uuid}/split", include_in_schema=False, guards=[auth.may("sessions", "split")])
async def split_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """The same hour in another room, to change."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        found = await _splittable(tx, session_id)
    shown = found.line.starts_at.astimezone(BRUSSELS)
    form = Split(day=shown.date().isoformat(), at=shown.strftime("%H:%M"), seats=str(max(found.line.taken // 2, 1)))
    return _split_page(request, found, form, now)


@post("/centre/sessions/{session_id:uuid}/split", include_in_schema=False, guards=[auth.may("sessions", "split")])
async def split(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Split],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Make the second session with its people, or say what stands in the way."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        found = await _splittable(tx, session_id)
    half, chosen, errors = _half(found, data, words, now)
    if half is None:
        return _split_page(request, found, data, now, status=422, errors=errors)
    with Declined() as no:
        async with db.transaction() as tx:
            second = await regrouping.split(tx, session_id, half, chosen, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{second}", status_code=303)
    return _split_page(request, found, data, now, status=no.status, errors=_said(no, words, candidates="booking"))


@get("/centre/sessions/{session_id:uuid}/merge", include_in_schema=False, guards=[auth.may("sessions", "merge")])
async def merge_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """The sessions that could take this one's candidates in."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    return await _merge_page(request, db, session_id, Merge(), now)


@post("/centre/sessions/{session_id:uuid}/merge", include_in_schema=False, guards=[auth.may("sessions", "merge")])
async def merge(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Merge],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Move everybody over and cancel this one, or say what stands in the way."""
    into = planners.identifier(data.into)
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    if into is None:
        errors = {"into": words.gettext(N_("Choose a session"))}
        return await _merge_page(request, db, session_id, data, now, status=422, errors=errors)
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, into)
            await regrouping.merge(tx, session_id, into, reason=data.reason, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{into}", status_code=303)
    return await _merge_page(
        request, db, session_id, data, now, status=no.status, errors=_said(no, words, candidates="into")
    )


async def _splittable(tx: asyncpg.Connection, session_id: UUID) -> Splittable:
    session = await sessions.get(tx, session_id)
    kind = (await desk.rules(tx, session_id)).room_kind
    return Splittable(
        await agenda.session(tx, session_id),
        session,
        [who for who in await agenda.attendees(tx, session_id) if who.release is None],
        [room for room in await rooms.of_centre(tx, session.centre_id) if room.kind == kind],
        await planners.people(tx, session.centre_id, session.unit_id),
    )


def _half(
    found: Splittable, form: Split, words: Language, now: datetime
) -> tuple[regrouping.Half | None, list[UUID], dict[str, str]]:
    errors: dict[str, str] = {}
    chosen = [who.booking_id for who in found.attendees if str(who.booking_id) in form.chosen]
    if not chosen:
        errors["booking"] = words.gettext(N_("Choose who goes to the second session"))
    moment = wall_clock.asked(form, words, now=now)
    if isinstance(moment, dict):
        errors |= moment
    room = next((room for room in found.rooms if str(room.id) == form.room_id), None)
    if room is None:
        errors["room_id"] = words.gettext(N_("Choose a room"))
    seats = fields.whole(form.seats)
    if seats < max(len(chosen), 1):
        errors["seats"] = words.gettext(N_("There must be a place for each candidate you choose"))
    jury = []
    for role in ROLES:
        who = planners.identifier(getattr(form, role))
        if who is not None:
            jury.append(Seat(who, role))  # type: ignore[arg-type]
    if "evaluator" not in {seat.role for seat in jury}:
        errors["evaluator"] = words.gettext(N_("Choose an evaluator: without one nobody can be tested"))
    if errors or room is None or not isinstance(moment, datetime):
        return None, [], errors
    return regrouping.Half(room.id, moment, seats, tuple(jury)), chosen, {}


def _said(no: Declined, words: Language, *, candidates: str) -> dict[str, str]:
    """Everything that refuses the other session, each at its field: whose seat it is, which test has the room, what closes
    it, and at `candidates` which of them cannot follow."""
    met: dict[str, dict[type[Exception], list[str]]] = {}
    for one in getattr(no.refusal, "args", ()):
        if isinstance(one, Conflict):
            field = one.seat.role if one.seat else candidates if one.booking_id else FIELDS.get(one.rule, "")
            met.setdefault(field, {}).setdefault(one.rule, []).extend(filter(None, [obstacles.about(one, words)]))
    return {
        field: " ".join(
            sentence(words, rule) + (f" ({words.series(names)})" if names else "") for rule, names in rules.items()
        )
        for field, rules in met.items()
    } or no.errors(words, FIELDS)


def _split_page(
    request: Request[Any, Any, Any],
    found: Splittable,
    form: Split,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    said: dict[str, Any] = {"errors": errors or {}, "late": found.line.is_due(now)}
    return render(request, "centre/split.html", status=status, found=found, line=found.line, form=form, **said)


async def _merge_page(
    request: Request[Any, Any, Any],
    db: Database,
    session_id: UUID,
    form: Merge,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        line, session = await agenda.session(tx, session_id), await sessions.get(tx, session_id)
        here = [who for who in await agenda.attendees(tx, session_id) if who.release is None]
        lines = await agenda.sessions_of_centre(tx, session.centre_id, since=now, until=now + AHEAD, limit=500)
    alike = [
        one
        for one in lines
        if one.id != line.id
        and (one.unit_code, one.language) == (line.unit_code, line.language)
        and one.state == "open"
        and one.seats - one.taken >= line.taken
    ]
    return render(
        request,
        "centre/merge.html",
        status=status,
        line=line,
        alike=alike,
        received=any(who.checked_in_at is not None for who in here),
        form=form,
        errors=errors or {},
    )


HANDLERS = [split_page, split, merge_page, merge]
