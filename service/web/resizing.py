"""How many places a session has, changed while candidates can book, or before."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import resizing
from scheduling.refusals import EquipmentBusy, EquipmentShort, SeatsExceedCapacity, SessionFull
from service import agenda, auth, desk, fields, reach
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

FIELDS: dict[type[Exception], str] = dict.fromkeys(
    (EquipmentBusy, EquipmentShort, SeatsExceedCapacity, SessionFull), "seats"
)


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    seats: Annotated[str, Meta(max_length=10)] = ""


@get("/centre/sessions/{session_id:uuid}/places", include_in_schema=False, guards=[auth.may("sessions", "resize")])
async def places_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """How many there are, to change; of a session whose list is closed, or whose hour has come, why they stay."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        line, rules = await agenda.session(tx, session_id), await desk.rules(tx, session_id)
    return _page(request, line, rules, str(line.seats), now)


@post("/centre/sessions/{session_id:uuid}/places", include_in_schema=False, guards=[auth.may("sessions", "resize")])
async def resize(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Wish],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Change it with the equipment; who has a place keeps it."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        line, rules = await agenda.session(tx, session_id), await desk.rules(tx, session_id)
    given = data.seats.strip()
    seats = fields.whole(given)
    if not 1 <= seats <= 500:
        said = {"seats": words.gettext(N_("Give a number of places, at least 1"))}
        return _page(request, line, rules, given, now, status=422, errors=said)
    if seats < line.taken:
        said = {"seats": words.gettext(N_("More places are taken: %(about)s"), about=words.number(line.taken))}
        return _page(request, line, rules, given, now, status=409, errors=said)
    with Declined() as no:
        async with db.transaction() as tx:
            await resizing.resize(tx, session_id, seats=seats, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    return _page(request, line, rules, given, now, status=no.status, errors=no.errors(words, FIELDS))


def _page(
    request: Request[Any, Any, Any],
    line: agenda.SessionLine,
    rules: desk.Rules,
    seats: str,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    said: dict[str, Any] = {"errors": errors or {}, "late": line.is_due(now)}
    return render(request, "centre/places.html", status=status, line=line, rules=rules, seats=seats, **said)


HANDLERS = [places_page, resize]
