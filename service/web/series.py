"""A series of sessions: a pattern of days by the clock in Brussels, looked at date by date before anything is written."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import series
from scheduling.drafts import Seat
from scheduling.recurrence import WEEKDAYS
from scheduling.refusals import RuleUnreadable, SeriesTooLong
from service import auth, desk, fields, obstacles, planners
from service.db import Database
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=60)]
Mark = Annotated[str, Meta(max_length=200)]
ROLES = ("evaluator", "observer", "manager")
FIELDS: dict[type[Exception], str] = {RuleUnreadable: "until", SeriesTooLong: "until"}


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed. `chosen` holds the dates as the preview marked them: the moment, and who is missing then; `again`
    asks for the form once more, with what is in it."""

    unit: Short = ""
    centre: Short = ""
    room_id: Short = ""
    language: Short = ""
    seats: Short = ""
    first_day: Short = ""
    until: Short = ""
    at: Short = ""
    every: Short = "1"
    weekdays: Short | Annotated[list[Short], Meta(max_length=7)] = ""
    evaluator: Short = ""
    observer: Short = ""
    manager: Short = ""
    chosen: Mark | Annotated[list[Mark], Meta(max_length=400)] = ""
    again: Short = ""

    @property
    def days(self) -> list[str]:
        return [day for day in WEEKDAYS if day in self.weekdays]

    @property
    def marks(self) -> list[str]:
        return [self.chosen] if isinstance(self.chosen, str) else self.chosen

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the preview carries along, so that the order is about the same pattern."""
        names = [name for name in self.__struct_fields__ if name not in ("chosen", "weekdays", "again")]
        return [(name, getattr(self, name)) for name in names] + [("weekdays", day) for day in self.days]


@get("/centre/series/new", include_in_schema=False, guards=[auth.may("sessions", "series")])
async def form_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, unit: Asked = None, centre: Asked = None
) -> Response[Any]:
    """First the unit, then the pattern."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    async with db.read() as tx:
        choice = await planners.choice(tx, await desk.centre(tx, me, centre), unit or "")
    return await _form(request, db, choice, Form(unit=unit or "", seats=choice.likely_seats))


@post("/centre/series/preview", include_in_schema=False, guards=[auth.may("sessions", "series")], status_code=200)
async def preview(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Every date with what stands in its way; nothing is written."""
    async with db.read() as tx:
        choice = await planners.choice(tx, await desk.centre(tx, me, data.centre), data.unit)
    pattern, errors = _read(choice, data, words)
    if pattern is None or data.again:
        return await _form(request, db, choice, data, errors)
    return await _previewed(request, db, choice, data, pattern, by=me.id, now=now, words=words)


@post("/centre/series", include_in_schema=False, guards=[auth.may("sessions", "series")])
async def plan(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Draft the chosen dates in one transaction; or show the preview anew, and say why nothing was written."""
    async with db.read() as tx:
        choice = await planners.choice(tx, await desk.centre(tx, me, data.centre), data.unit)
    pattern, errors = _read(choice, data, words)
    if pattern is None:
        return await _form(request, db, choice, data, errors)
    try:
        chosen = [_choice(mark) for mark in data.marks if mark]
    except ValueError:
        chosen = []
    if not chosen:
        said = {"chosen": words.gettext(N_("Choose at least one date"))}
        return await _previewed(request, db, choice, data, pattern, by=me.id, now=now, words=words, errors=said)
    planned: list[UUID] = []
    with Declined() as no:
        async with db.transaction() as tx:
            planned = await series.plan(tx, pattern, chosen, by=me.id, now=now)
    if no.refusal is None:
        month = min(one.starts_at for one in chosen).astimezone(BRUSSELS)
        here = "" if me.centre_id else f"&centre={choice.centre.code}"
        news = f"prepared={len(chosen)}&draft={planned[0]}"
        return Redirect(f"/centre?month={month:%Y-%m}&{news}{here}", status_code=303)
    said = no.errors(words, FIELDS)
    return await _previewed(
        request, db, choice, data, pattern, by=me.id, now=now, words=words, errors=said, status=no.status
    )


def _choice(mark: str) -> series.Choice:
    moment, _, without = mark.partition("|")
    starts_at = datetime.fromisoformat(moment)
    if starts_at.tzinfo is None:
        raise ValueError(mark)
    return series.Choice(starts_at, tuple(UUID(each) for each in without.split(",") if each))


async def _previewed(
    request: Request[Any, Any, Any],
    db: Database,
    choice: planners.Choice,
    form: Form,
    pattern: series.Pattern,
    *,
    by: UUID,
    now: datetime,
    words: Language,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    with Declined() as no:
        async with db.transaction() as tx:
            found = await series.preview(tx, pattern, by=by, now=now)
    if no.refusal is not None:
        return await _form(request, db, choice, form, no.errors(words, FIELDS))
    return render(
        request,
        "series/preview.html",
        status=422 if errors and status == 200 else status,
        choice=choice,
        offer=choice.offer,
        form=form,
        found=(coming := [each for each in found if each.starts_at is None or each.starts_at > now]),
        passed=len(found) - len(coming),
        room=next(room for room in choice.suitable if room.id == pattern.room_id),
        refusal=lambda rule: planners.title(words, rule),
        briefly=lambda conflict: obstacles.briefly(conflict, words),
        errors=errors or {},
    )


def _read(choice: planners.Choice, form: Form, words: Language) -> tuple[series.Pattern | None, dict[str, str]]:
    """The pattern that the form asks for; or None, and what is missing in it."""
    if choice.offer is None:
        return None, {"unit": words.gettext(N_("Choose a unit"))}
    errors: dict[str, str] = {}
    room = next((room for room in choice.suitable if str(room.id) == form.room_id), None)
    first_day, until, at = _day(form.first_day), _day(form.until), _time(form.at)
    seats = fields.whole(form.seats)
    every = int(form.every) if form.every in ("1", "2", "3", "4") else 0
    for name, is_missing, said in (
        ("room_id", room is None, N_("Choose a room")),
        ("language", form.language not in choice.offer.languages, N_("Choose a language in which the test exists")),
        ("first_day", first_day is None, N_("Choose a day")),
        ("until", until is None or (first_day or until) > until, N_("Choose a last day, not before the first one")),
        ("weekdays", not form.days, N_("Choose at least one weekday")),
        ("at", at is None, N_("Give a time, for example 09:00")),
        ("every", not every, N_("Say every how many weeks: 1, 2, 3 or 4")),
        ("seats", not 1 <= seats <= 500, N_("Give a number of places, at least 1")),
    ):
        if is_missing:
            errors[name] = words.gettext(said)
    jury = tuple(Seat(who, role) for role in ROLES if (who := planners.identifier(getattr(form, role))))  # type: ignore[arg-type]
    seated: set[UUID] = set()
    for seat in jury:
        if seat.assessor_id in seated:
            errors[seat.role] = words.gettext(N_("This person has another seat in this jury: choose somebody else"))
        seated.add(seat.assessor_id)
    if errors or room is None or first_day is None or until is None or at is None:
        return None, errors
    rule = f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(form.days)};UNTIL={until:%Y%m%d}"
    return series.Pattern(room.id, choice.offer.id, form.language, seats, rule, first_day, at, jury), {}  # type: ignore[arg-type]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _time(text: str) -> time | None:
    try:
        shown = time.fromisoformat(text)
    except ValueError:
        return None
    return shown if shown.tzinfo is None else None


async def _form(
    request: Request[Any, Any, Any],
    db: Database,
    choice: planners.Choice,
    form: Form,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        people = await planners.people(tx, choice.centre.id, choice.offer.id) if choice.offer else {}
    return render(
        request,
        "series/form.html",
        status=422 if errors else 200,
        choice=choice,
        offer=choice.offer,
        form=form,
        people=people,
        errors=errors or {},
        kinds=desk.kinds(),
    )


HANDLERS = [form_page, preview, plan]
