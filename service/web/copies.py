"""A session once more: a draft of the same test at another time or in another room."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from scheduling import copies, rooms, sessions
from scheduling.drafts import Outcome
from scheduling.refusals import EquipmentShort, RoomBusy, RoomClosed, RoomUnsuitable
from service import agenda, auth, desk, obstacles, planners, reach, wall_clock
from service.i18n import BRUSSELS, N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Short = Annotated[str, Meta(max_length=60)]
FIELDS: dict[type[Exception], str] = {
    RoomBusy: "at",
    RoomClosed: "at",
    RoomUnsuitable: "room_id",
    EquipmentShort: "at",
}


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """When the copy begins by the clock in Brussels, and where."""

    day: Short = ""
    at: Short = ""
    which: Short = ""
    room_id: Short = ""


@get("/centre/sessions/{session_id:uuid}/copy", include_in_schema=False, guards=[auth.may("sessions", "copy")])
async def copy_page(session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """The same hour a week later, to change."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        line, suitable = await _original(tx, session_id)
    shown = line.starts_at.astimezone(BRUSSELS) + timedelta(days=7)
    form = Time(shown.date().isoformat(), shown.strftime("%H:%M"), "", str(line.room_id))
    return _page(request, line, suitable, form)


@post("/centre/sessions/{session_id:uuid}/copy", include_in_schema=False, guards=[auth.may("sessions", "copy")])
async def copy(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Time],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Draft it; who of the jury cannot come is left out, and the page of the new jury comes next."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        line, suitable = await _original(tx, session_id)
    moment = wall_clock.asked(data, words, now=now)
    if isinstance(moment, dict):
        return _page(request, line, suitable, data, status=422, errors=moment)
    room = next((room for room in suitable if str(room.id) == data.room_id), None)
    if room is None:
        return _page(request, line, suitable, data, status=422, errors={"room_id": words.gettext(N_("Choose a room"))})
    outcome = Outcome(None, None)
    with Declined() as no:
        async with db.transaction() as tx:
            outcome = await copies.copy(tx, session_id, room_id=room.id, starts_at=moment, by=me.id, now=now)
    if outcome.session_id is not None:
        onto = "/jury" if outcome.missing else ""  # there it says of everybody why they cannot sit in it, and who can
        return Redirect(f"/centre/sessions/{outcome.session_id}{onto}", status_code=303)
    if outcome.blocked is None:
        return _page(request, line, suitable, data, status=no.status, errors=no.errors(words, FIELDS))
    about = obstacles.about(outcome.blocked, words)
    said = planners.title(words, outcome.blocked.rule) + (f" ({about})" if about else "")
    return _page(request, line, suitable, data, status=409, errors={FIELDS.get(outcome.blocked.rule, ""): said})


async def _original(tx: asyncpg.Connection, session_id: UUID) -> tuple[agenda.SessionLine, list[rooms.Room]]:
    line, session = await agenda.session(tx, session_id), await sessions.get(tx, session_id)
    kind = (await desk.rules(tx, session_id)).room_kind
    return line, [room for room in await rooms.of_centre(tx, session.centre_id) if room.kind == kind]


def _page(
    request: Request[Any, Any, Any],
    line: agenda.SessionLine,
    suitable: list[rooms.Room],
    form: Time,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    asked = structs.asdict(form)
    return render(
        request, "centre/copy.html", status=status, line=line, rooms=suitable, form=asked, errors=errors or {}
    )


HANDLERS = [copy_page, copy]
