"""A centre's sessions: those that come, by week; those that wait for results; those of a past month."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, Any, get_args

from litestar import Request, Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from scheduling import closures
from scheduling.sessions import State
from service import agenda, auth, desk, fields, planners
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
AHEAD, BEHIND, LIMIT = timedelta(days=26 * 7), timedelta(days=62), 500
SETTLED = ("closed", "cancelled")
ALL = "all"


class Filter(Struct, frozen=True):
    """What the reader wants to see."""

    unit: str = ALL
    state: str = ALL
    language: str = ALL

    def keeps(self, line: agenda.SessionLine) -> bool:
        return (
            self.unit in (ALL, line.unit_code)
            and self.state in (ALL, line.state)
            and self.language in (ALL, line.language)
        )


class Group(Struct, frozen=True):
    """Sessions under one heading, which begins on `day`; and what is closed in that time."""

    day: date
    lines: list[agenda.SessionLine]
    closed: list[closures.Closure]


@get("/centre", include_in_schema=False, guards=[auth.may("sessions", "manage")])
async def sessions_page(
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    centre: Asked = None,
    month: Asked = None,
    unit: Asked = None,
    stage: Asked = None,
    language: Asked = None,
    prepared: Asked = None,
    draft: Asked = None,
    opened: Asked = None,
    left: Asked = None,
) -> Response[Any]:
    """The coming sessions by week, and the past ones that wait for something; or a month. `prepared`: how many a series has
    just drafted, and one of them; `opened` and `left`: how many of its drafts were opened, and could not be."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    today = now.astimezone(BRUSSELS).date()
    wanted = Filter(unit or ALL, stage or ALL, language or ALL)
    first = _first_of(month)
    since, until = (first, _next_month(first)) if first else (today - BEHIND, today + AHEAD)
    async with db.read() as tx:
        here = await desk.centre(tx, me, centre)
        lines = await agenda.sessions_of_centre(
            tx, here.id, since=_midnight(since), until=_midnight(until), limit=LIMIT
        )
        complete = await desk.complete_juries(tx, [line.id for line in lines])
        closed = await closures.of_centre(tx, here.id, since=_midnight(first or today), until=_midnight(until), now=now)
    kept = [line for line in lines if wanted.keeps(line)]
    coming = [line for line in kept if first or _day(line) >= today]
    return render(
        request,
        "centre/sessions.html",
        centre=here,
        first=first,
        months=(_next_month(first, -1), _next_month(first)) if first else (_next_month(today.replace(day=1), -1), None),
        this_month=today.replace(day=1),
        groups=_by_week(coming, closed, since=first or today, until=until),
        waiting=[] if first else [line for line in kept if _day(line) < today and line.state not in SETTLED],
        complete=complete,
        prepared=fields.whole(prepared),
        draft=planners.identifier(draft or ""),
        opened=fields.whole(opened),
        left=fields.whole(left),
        wanted=wanted,
        units=[(code, code) for code in sorted({line.unit_code for line in lines})],
        states=get_args(State),
        is_narrowed=wanted != Filter(),
    )


def _by_week(
    lines: list[agenda.SessionLine], closed: list[closures.Closure], *, since: date, until: date
) -> list[Group]:
    """The weeks of the range in which there is a session or something is closed; none where there is no session at all."""
    weeks = {monday: list(week) for monday, week in groupby(lines, key=lambda line: _monday(_day(line)))}
    groups, monday = [], _monday(since)
    while weeks and monday < until:
        shut = [one for one in closed if _meets(one, monday)]
        if monday in weeks or shut:
            groups.append(Group(monday, weeks.get(monday, []), shut))
        monday += timedelta(days=7)
    return groups


def _meets(closure: closures.Closure, monday: date) -> bool:
    return closure.starts_at < _midnight(monday + timedelta(days=7)) and closure.ends_at > _midnight(monday)


def _day(line: agenda.SessionLine) -> date:
    return line.starts_at.astimezone(BRUSSELS).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first_of(month: str | None) -> date | None:
    """The first day of "2026-08"; None for what is no month of ours."""
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _next_month(first: date, step: int = 1) -> date:
    return (first + timedelta(days=31 * step if step > 0 else -1)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS).astimezone(UTC)


HANDLERS = [sessions_page]
