"""What an auditor reads: sessions, people under pseudonyms, results, and the trail of who did what. Nothing to change."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter

from service import agenda, audit_readings, auth, reach
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.pseudonyms import Pseudonyms
from service.settings import secret
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
LIMIT, PAGE = 500, 100
LAST = (2**63 - 1, 2**63 - 1)
PLACE = re.compile(r"(\d{1,18})\.(\d{1,18})")


@get("/audit/sessions", include_in_schema=False, guards=[auth.may("audit", "sessions")])
async def sessions_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, month: Asked = None
) -> Response[str]:
    """The sessions of a month: of one centre, or of all of them."""
    first = _first_of(month) or now.astimezone(BRUSSELS).date().replace(day=1)
    since, until = _bounds(first)
    async with db.read() as tx:
        lines = await agenda.sessions_of_centre(tx, me.centre_id, since=since, until=until, limit=LIMIT)
    return render(request, "audit/sessions.html", lines=lines, first=first, months=_around(first))


@get("/audit/sessions/{session_id:uuid}", include_in_schema=False, guards=[auth.may("audit", "sessions")])
async def session_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, state: State
) -> Response[str]:
    """One session: its jury and its candidates under pseudonyms, the steps of the day, what came of it."""
    names = Pseudonyms(secret(state.settings))
    async with db.read() as tx:
        await reach.audits_session(tx, me, session_id)
        line = await agenda.session(tx, session_id)
        jury = await audit_readings.jury(tx, session_id, names)
        tested = await audit_readings.tested(tx, session_id, names)
    return render(request, "audit/session.html", line=line, jury=jury, tested=tested)


@get("/audit/results", include_in_schema=False, guards=[auth.may("audit", "results")])
async def results_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, state: State, month: Asked = None
) -> Response[str]:
    """The decisions of a month."""
    first = _first_of(month) or now.astimezone(BRUSSELS).date().replace(day=1)
    since, until = _bounds(first)
    names = Pseudonyms(secret(state.settings))
    async with db.read() as tx:
        found = await audit_readings.results(tx, me.centre_id, names, since=since, until=until, limit=LIMIT)
    return render(request, "audit/results.html", results=found, first=first, months=_around(first))


@get("/audit/trail", include_in_schema=False, guards=[auth.may("audit", "trail")])
async def trail_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, state: State, before: Asked = None
) -> Response[str]:
    """What was done and read, the newest first, a page at a time."""
    asked = PLACE.fullmatch(before or "")
    place = (int(asked[1]), int(asked[2])) if asked else LAST
    names = Pseudonyms(secret(state.settings))
    async with db.read() as tx:
        entries = await audit_readings.trail(tx, me.centre_id, names, before=place, limit=PAGE + 1)
    onward = entries[PAGE - 1].place if len(entries) > PAGE else None
    return render(request, "audit/trail.html", entries=entries[:PAGE], onward=onward)


def _first_of(month: str | None) -> date | None:
    """The first day of "2026-08"; None for what is no month of ours."""
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _bounds(first: date) -> tuple[datetime, datetime]:
    """When the month begins and when the next one does."""
    return (
        datetime.combine(first, time(), BRUSSELS).astimezone(UTC),
        datetime.combine(_around(first)[1], time(), BRUSSELS).astimezone(UTC),
    )


def _around(first: date) -> tuple[date, date]:
    """The month before and the month after."""
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)


HANDLERS = [sessions_page, session_page, results_page, trail_page]
