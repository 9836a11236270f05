"""Planning: a session is drafted with its room and its equipment. Times are what a clock in Brussels shows."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import drafts, equipment_reservations, sessions
from scheduling.refusals import EquipmentBusy, EquipmentShort, RoomBusy, RoomClosed, RoomUnsuitable
from service import auth, desk, fields, obstacles, planners, wall_clock
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=60)]
MOST_SEATS = 500
FIELDS: dict[type[Exception], str] = {
    RoomBusy: "at",
    RoomClosed: "at",
    RoomUnsuitable: "room_id",
    EquipmentShort: "seats",
    EquipmentBusy: "at",
}


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed; the centre's code is the administrator's choice."""

    unit: Short = ""
    centre: Short = ""
    room_id: Short = ""
    language: Short = ""
    day: Short = ""
    at: Short = ""
    which: Short = ""
    seats: Short = ""


@get("/centre/sessions/new", include_in_schema=False, guards=[auth.may("sessions", "plan")])
async def plan_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, unit: Asked = None, centre: Asked = None
) -> Response[Any]:
    """First the unit, which says which rooms, languages and equipment there are to choose from; then all the rest."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    async with db.read() as tx:
        choice = await planners.choice(tx, await desk.centre(tx, me, centre), unit or "")
    return _page(request, choice, Form(unit=unit or "", seats=choice.likely_seats))


@post("/centre/sessions/new", include_in_schema=False, guards=[auth.may("sessions", "plan")])
async def plan(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Draft it, or say on the form what stands in the way."""
    async with db.read() as tx:
        choice = await planners.choice(tx, await desk.centre(tx, me, data.centre), data.unit)
    wish, errors = _read(choice, data, words, now)
    if wish is None:
        return _page(request, choice, data, status=422, errors=errors)
    with Declined() as no:
        async with db.transaction() as tx:
            session_id = await sessions.plan(tx, wish, by=me.id, now=now)
            await equipment_reservations.reserve_what_is_needed(tx, session_id)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    errors = no.errors(words, FIELDS)
    if isinstance(no.refusal, RoomClosed):
        async with db.read() as tx:
            errors["at"] += f" ({obstacles.shut(await drafts.closing_of(tx, wish), words)})"
    return _page(request, choice, data, status=no.status, errors=errors)


def _read(
    choice: planners.Choice, form: Form, words: Words, now: datetime
) -> tuple[sessions.Plan | None, dict[str, str]]:
    """The plan that the form asks for; or None, and what is missing in it."""
    if choice.offer is None:
        return None, {"unit": words.gettext(N_("Choose a unit"))}
    errors: dict[str, str] = {}
    room = next((room for room in choice.suitable if str(room.id) == form.room_id), None)
    if room is None:
        errors["room_id"] = words.gettext(N_("Choose a room"))
    if form.language not in choice.offer.languages:
        errors["language"] = words.gettext(N_("Choose a language in which the test exists"))
    moment = wall_clock.asked(form, words, now=now)
    if isinstance(moment, dict):
        errors |= moment
    seats = fields.whole(form.seats)
    if not 1 <= seats <= MOST_SEATS:
        errors["seats"] = words.gettext(N_("Give a number of places, at least 1"))
    if errors or room is None or not isinstance(moment, datetime):
        return None, errors
    return sessions.Plan(room.id, choice.offer.id, form.language, moment, seats), {}  # type: ignore[arg-type]


def _page(
    request: Request[Any, Any, Any],
    choice: planners.Choice,
    form: Form,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return render(
        request,
        "centre/new.html",
        status=status,
        choice=choice,
        offer=choice.offer,
        form=form,
        errors=errors or {},
        kinds=desk.kinds(),
    )


HANDLERS = [plan_page, plan]
