"""The waiting list, as candidates and centres see it: what I wait for, what would do, where I stand, and the rule."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

import assessments.refusals
from assessments import candidates, standards, units
from scheduling import centres, offers, waiting
from service import agenda, auth, queues, why_not
from service.booking_rules import Booking as Rules
from service.db import ACTING
from service.i18n import BRUSSELS, LANGUAGES, N_
from service.provide import Db, Now, Reasons, Words
from service.refusals import NotFound
from service.searches import DATES_REVERSED
from service.ways_out import WAYS
from service.web.declined import Declined
from service.web.look import render
from service.why_not import Refused

Short = Annotated[str, Meta(max_length=40)]
Several = Short | Annotated[list[Short], Meta(max_length=30)]  # one box ticked comes alone
DATE_UNREADABLE = N_("Choose a date, or write it as 2026-12-04")


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """The form. No centre ticked: every centre."""

    unit: Short = ""
    earliest: Short = ""
    latest: Short = ""
    centres: Several = ""
    languages: Several = ""
    mornings: Several = ""
    afternoons: Several = ""


@get("/waiting", include_in_schema=False, guards=[auth.may("waiting", "own")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What I wait for, with my place and why; what is offered to me comes first."""
    candidate_id = auth.own(me.candidate_id)
    async with db.read() as tx:
        entries = await queues.of_candidate(tx, candidate_id)
        unanswered = await offers.unanswered(tx, candidate_id, now=now)
        offered = [line for line in await agenda.bookings_of_candidate(tx, candidate_id) if line.id in unanswered]
        asked = {line.unit_code for line in offered}
        reasons = {
            one.unit_id: await why_not.of_unit(tx, one.unit_id, None, candidate_id, now=now)
            for one in entries
            if one.unit_code not in asked
        }
    return render(request, "waiting/mine.html", entries=entries, offered=offered, reasons=reasons)


@get("/waiting/new", include_in_schema=False, guards=[auth.may("waiting", "own")])
async def ask(
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    unit: FromQuery[str] = "",
    language: FromQuery[str] = "",
) -> Response[Any]:
    """What would do: centres, languages, dates, half-days; filled in with what was said before. `language`: that of the place
    or of the search that led here."""
    if not unit:
        return Redirect("/sessions", status_code=303)
    candidate_id = auth.own(me.candidate_id)
    async with db.read() as tx:
        before = await _before(tx, candidate_id, unit)
        return await _form(tx, request, before or await _new(tx, candidate_id, unit, language, now=now), now=now)


@post("/waiting", include_in_schema=False, guards=[auth.may("waiting", "own")])
async def join(
    data: URLEncodedBody[Wish],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    reasons: Reasons,
) -> Response[Any]:
    """Join the list, or change what would do."""
    earliest, latest = _day(data.earliest), _day(data.latest)
    errors = {}
    if earliest is None:
        errors["earliest"] = words.gettext(DATE_UNREADABLE)
    if data.latest and latest is None:
        errors["latest"] = words.gettext(DATE_UNREADABLE)
    if earliest and latest and latest < earliest:
        errors["latest"] = words.gettext(DATES_REVERSED)
    status, why = 422, None
    if earliest is not None and not errors:
        async with db.read() as tx:
            unit = await _unit(tx, data.unit)
        with Declined() as no:
            async with db.transaction() as tx:
                wish = waiting.Wish(
                    languages=tuple(each for each in _several(data.languages) if each in LANGUAGES),
                    earliest=earliest,
                    latest=latest,
                    centres=await _centres(tx, data),
                    mornings=_weekdays(data.mornings),
                    afternoons=_weekdays(data.afternoons),
                )
                await queues.join(tx, auth.own(me.candidate_id), unit.id, wish, by=me.id, now=now)
        if no.refusal is None:
            return Redirect("/waiting", status_code=303)
        status, errors = no.status, no.errors(words)
        if type(no.refusal) in WAYS:
            why = await reasons(Refused(ACTING.get(), type(no.refusal), None, now, unit_id=unit.id))
    async with db.read() as tx:
        return await _form(tx, request, data, now=now, status=status, errors=errors, why=why)


@post("/waiting/{waiting_id:uuid}/leaving", include_in_schema=False, guards=[auth.may("waiting", "own")])
async def leave(waiting_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Wait no longer."""
    async with db.transaction() as tx:
        await queues.holds_entry(tx, me, waiting_id)
        await waiting.leave(tx, waiting_id, now=now)
    return Redirect("/waiting", status_code=303)


@get("/waiting/rule", include_in_schema=False, guards=[auth.may("pages", "read")])
async def rule(request: Request[Any, Any, Any], rules: Rules) -> Response[str]:
    """In which order people are asked, in plain words: the sentence of the view scheduling.waiting_line."""
    return render(request, "waiting/rule.html", rules=rules)


@get("/centre/waiting", include_in_schema=False, guards=[auth.may("waiting", "list")])
async def of_centre(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Who waits for a place in my centre, unit by unit in the order of the list, and why in that order."""
    async with db.read() as tx:
        lists = await queues.of_centre(tx, me.centre_id)
        first = await queues.first_of_centre(tx, me.centre_id)
    return render(request, "centre/waiting.html", lists=lists, first=first)


async def _before(tx: asyncpg.Connection, candidate_id: UUID, code: str) -> Wish | None:
    entry = next((one for one in await queues.of_candidate(tx, candidate_id) if one.unit_code == code), None)
    if entry is None:
        return None
    return Wish(
        unit=code,
        earliest=entry.earliest.isoformat(),
        latest=entry.latest.isoformat() if entry.latest else "",
        centres=[str(each) for each in entry.centres or ()],
        languages=list(entry.languages),
        mornings=[str(day) for day in entry.mornings],
        afternoons=[str(day) for day in entry.afternoons],
    )


async def _new(tx: asyncpg.Connection, candidate_id: UUID, code: str, language: str, *, now: Now) -> Wish:
    """What nobody said anything about yet: from today on, on every working day, in the language that the candidate has said.
    Where the test is not held in that one, in none: they choose."""
    said = language if language in LANGUAGES else (await candidates.get(tx, candidate_id)).language
    every_day = [str(day) for day in range(1, 6)]
    return Wish(
        unit=code,
        earliest=now.astimezone(BRUSSELS).date().isoformat(),
        languages=[said] if said in await _held_in(tx, await _unit(tx, code), now=now) else "",
        mornings=every_day,
        afternoons=every_day,
    )


async def _held_in(tx: asyncpg.Connection, unit: units.Unit, *, now: Now) -> tuple[str, ...]:
    """The languages in which the unit is tested; without a standard it may be any."""
    try:
        return tuple((await standards.in_force(tx, unit.id, now)).content.languages)
    except assessments.refusals.NotFound:
        return tuple(LANGUAGES)


async def _form(
    tx: asyncpg.Connection,
    request: Request[Any, Any, Any],
    form: Wish,
    *,
    now: Now,
    status: int = 200,
    errors: dict[str, str] | None = None,
    why: why_not.WhyNot | None = None,
) -> Response[str]:
    unit = await _unit(tx, form.unit)
    return render(
        request,
        "waiting/new.html",
        status=status,
        errors=errors or {},
        why=why,
        unit=unit,
        held_in=[LANGUAGES[each] for each in await _held_in(tx, unit, now=now)],
        form=form,
        centres=[(str(one.id), one.name) for one in await centres.every(tx)],
        chosen={
            "centres": _several(form.centres),
            "languages": _several(form.languages),
            "mornings": _several(form.mornings),
            "afternoons": _several(form.afternoons),
        },
    )


async def _unit(tx: asyncpg.Connection, code: str) -> units.Unit:
    unit = next((one for one in await units.every(tx) if one.code == code), None)
    if unit is None:
        raise NotFound
    return unit


async def _centres(tx: asyncpg.Connection, form: Wish) -> tuple[UUID, ...] | None:
    known = {str(one.id): one.id for one in await centres.every(tx)}
    chosen = tuple(known[each] for each in _several(form.centres) if each in known)
    return None if len(chosen) in (0, len(known)) else chosen


def _several(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given] if given else []


def _weekdays(given: str | list[str]) -> tuple[int, ...]:
    return waiting.weekdays([int(each) for each in _several(given) if each.isascii() and each.isdigit()])


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


HANDLERS = [mine, ask, join, leave, rule, of_centre]
