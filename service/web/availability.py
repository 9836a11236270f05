"""When an assessor can come: weekly hours, dated exceptions, a calendar of their own, a maximum. For themselves, and for
the centres that plan with them."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import assessors
from scheduling import assessor_limits, availability, availability_exceptions, busy_calendars, busy_times
from service import agenda, auth, calendar_readings, fields, planners, reach, wall_clock
from service.accounts import Account
from service.db import Database
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Short = Annotated[str, Meta(max_length=40)]
MOST_KEPT = 200  # sessions that are looked through


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the page's forms, by the name of its button."""

    act: Annotated[str, Meta(pattern=r"^(offer|take-back|say|withdraw|limit)$(?!\n)", max_length=9)]
    weekday: Short = ""
    opens: Short = ""
    closes: Short = ""
    first_day: Short = ""
    last_day: Short = ""
    first_at: Short = ""
    last_at: Short = ""
    can_come: Short = ""
    exception_id: Short = ""
    per_day: Short = ""
    per_week: Short = ""


@get("/availability", include_in_schema=False, guards=[auth.may("availability", "own")])
async def mine(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now) -> Response[str]:
    return await _page(request, db, auth.own(me.assessor_id), now)


@post("/availability", include_in_schema=False, guards=[auth.may("availability", "own")])
async def change_mine(
    data: URLEncodedBody[Act], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    return await _change(request, db, me, auth.own(me.assessor_id), data, now, words)


@post(
    "/availability/calendar",
    include_in_schema=False,
    guards=[auth.may("availability", "own")],
    request_max_body_size=1_100_000,
)
async def import_mine(
    data: MultipartBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Read an .ics file; only the busy times are kept, in the place of those of the last file."""
    own, file = auth.own(me.assessor_id), data.of({"file"}).get("file")
    with Declined() as no:
        spans = busy_times.read(await file.read() if isinstance(file, UploadFile) else b"", now=now)
        async with db.transaction() as tx:
            await busy_times.replace(tx, own, spans, now=now)
    if no.refusal is None:
        return Redirect("/availability#own-calendar", status_code=303)
    return await _page(request, db, own, now, errors={"file": next(iter(no.errors(words).values()))})


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a calendar of one's own is; empty: it is not to be read any more."""

    url: Annotated[str, Meta(max_length=calendar_readings.LONGEST + 100)] = ""


@post("/availability/address", include_in_schema=False, guards=[auth.may("availability", "own")])
async def name_mine(
    data: URLEncodedBody[Address], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Have a calendar read again and again at its address; the worker begins within a minute."""
    own, url = auth.own(me.assessor_id), data.url.strip()
    if url.startswith("webcal://"):
        url = "https://" + url.removeprefix("webcal://")
    if url and not calendar_readings.is_acceptable(url):
        said = words.gettext(N_("Give an address that begins with https://, as your calendar shows it"))
        return await _page(request, db, own, now, errors={"url": said})
    async with db.transaction() as tx:
        if url:
            await busy_calendars.put(tx, own, url, now=now)
        else:
            await busy_calendars.drop(tx, own)
    return Redirect("/availability#own-calendar", status_code=303)


@get(
    "/centre/assessors/{assessor_id:uuid}/availability",
    include_in_schema=False,
    guards=[auth.may("availability", "read")],
)
async def of_assessor(
    assessor_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """What a centre that plans with somebody sees, and may record when they telephone."""
    async with db.read() as tx:
        await reach.plans_with_assessor(tx, me, assessor_id)
    return await _page(request, db, assessor_id, now)


@post(
    "/centre/assessors/{assessor_id:uuid}/availability",
    include_in_schema=False,
    guards=[auth.may("availability", "record")],
)
async def change(
    assessor_id: FromPath[UUID],
    data: URLEncodedBody[Act],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    async with db.read() as tx:
        await reach.plans_with_assessor(tx, me, assessor_id)
    return await _change(request, db, me, assessor_id, data, now, words)


async def _change(
    request: Request[Any, Any, Any], db: Database, me: Account, who: UUID, data: Act, now: datetime, words: Language
) -> Response[Any]:
    errors: dict[str, str] = {}
    with Declined() as no:
        async with db.transaction() as tx:
            if data.act == "offer":
                errors = await _offer(tx, who, data, now, words)
            elif data.act == "take-back" and (opens := _time(data.opens)) and data.weekday in "1234567":
                await availability.take_back(tx, assessor_id=who, weekday=int(data.weekday or 1), opens=opens)
            elif data.act == "say":
                errors = await _say(tx, who, data, me, now, words)
            elif data.act == "withdraw" and (exception_id := planners.identifier(data.exception_id)):
                await availability_exceptions.withdraw(tx, exception_id, assessor_id=who, now=now)
            elif data.act == "limit":
                errors = await _limit(tx, who, data, me, now, words)
    if errors or no.refusal is not None:
        return await _page(request, db, who, now, form=data, errors=errors or no.errors(words))
    return Redirect(request.url.path, status_code=303)


async def _offer(tx: Any, who: UUID, data: Act, now: datetime, words: Language) -> dict[str, str]:
    opens, closes = _time(data.opens), _time(data.closes)
    if data.weekday not in tuple("1234567"):
        return {"weekday": words.gettext(N_("Choose a weekday"))}
    if opens is None or closes is None or opens >= closes:
        return {"opens": words.gettext(N_("Give two times, the later one second, for example 08:30 and 17:00"))}
    since = now.astimezone(BRUSSELS).date()
    await availability.offer(tx, assessor_id=who, weekday=int(data.weekday), opens=opens, closes=closes, since=since)
    return {}


async def _say(tx: Any, who: UUID, data: Act, me: Account, now: datetime, words: Language) -> dict[str, str]:
    """Whole days, or from an hour of the first until an hour of the last."""
    first, last = _day(data.first_day), _day(data.last_day or data.first_day)
    if first is None or last is None or not first <= last <= first + timedelta(days=366):
        return {"first_day": words.gettext(N_("Give a first and a last day, at most a year apart"))}
    begin = wall_clock.first(first.isoformat(), data.first_at or "00:00")
    end = wall_clock.until(last.isoformat(), data.last_at)
    if begin is None or end is None or begin >= end:
        return {"first_at": words.gettext(N_("Give two times, the later one second, for example 08:30 and 17:00"))}
    if end <= now:
        return {"first_day": words.gettext(N_("These days are over: choose days to come"))}
    await availability_exceptions.say(
        tx, assessor_id=who, starts_at=begin, ends_at=end, can_come=data.can_come == "yes", by=me.id, now=now
    )
    return {}


async def _limit(tx: Any, who: UUID, data: Act, me: Account, now: datetime, words: Language) -> dict[str, str]:
    """What is no number is said: it would take the limit away."""
    given = {"per_day": (data.per_day.strip(), 20), "per_week": (data.per_week.strip(), 100)}
    said = N_("Write a whole number from 1 to %(most)d, or nothing")
    errors = {
        name: words.gettext(said, most=most) for name, (text, most) in given.items() if text and not _number(text, most)
    }
    if not errors:
        limits = assessor_limits.Limits(*(_number(text, most) for text, most in given.values()))
        await assessor_limits.put(tx, who, limits, by=me.id, now=now)
    return errors


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


def _number(text: str, most: int) -> int | None:
    number = fields.whole(text)
    return number if 0 < number <= most else None


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    who: UUID,
    now: datetime,
    *,
    form: Act | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        exceptions = await availability_exceptions.coming(tx, who, now=now)
        context: dict[str, Any] = {
            "who": await assessors.get(tx, who),
            "hours": await availability.of_assessor(tx, who),
            "exceptions": exceptions,
            "kept": await _kept(tx, who, exceptions, now),
            "limits": await assessor_limits.get(tx, who),
            "busy": await busy_times.count(tx, who, now=now),
            "calendar": await busy_calendars.of_assessor(tx, who),
        }
    is_mine = not request.url.path.startswith("/centre/")
    here = "/availability" if is_mine else f"/centre/assessors/{who}/availability"
    return render(
        request,
        "availability/one.html",
        status=422 if errors else 200,
        here=here,
        is_mine=is_mine,
        form=form or Act("offer"),
        errors=errors or {},
        **context,
    )


async def _kept(
    tx: Any, who: UUID, exceptions: list[availability_exceptions.AvailabilityException], now: datetime
) -> list[agenda.SessionLine]:
    """Coming tests with a seat that is theirs, at a time when they said that they cannot come."""
    away = [one for one in exceptions if not one.can_come]
    if not away:
        return []
    until = max(one.ends_at for one in away)
    lines = await agenda.sessions_of_assessor(tx, who, since=now, until=until, limit=MOST_KEPT)
    return [
        line
        for line in lines
        if line.state in ("draft", "open", "full", "locked")
        and any(one.starts_at < line.ends_at and line.starts_at < one.ends_at for one in away)
    ]


HANDLERS = [mine, change_mine, import_mine, name_mine, of_assessor, change]
