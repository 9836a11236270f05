"""What an auditor reads: sessions, people under pseudonyms, results, and the trail of who did what. Nothing to change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import QueryParameter

from service import agenda, auth
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
LIMIT = 500


@get("/audit/sessions", include_in_schema=False, guards=[auth.auditor])
async def sessions_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, month: Asked = None
) -> Response[str]:
    """The sessions of a month: of one centre, or of all of them."""
    first = _first_of(month) or now.astimezone(BRUSSELS).date().replace(day=1)
    since, until = (datetime.combine(day, time(), BRUSSELS).astimezone(UTC) for day in (first, _next_month(first)))
    async with db.read() as tx:
        lines = await agenda.sessions_of_centre(tx, me.centre_id, since=since, until=until, limit=LIMIT)
    return render(
        request, "audit/sessions.html", lines=lines, first=first, months=(_next_month(first, -1), _next_month(first))
    )


def _first_of(month: str | None) -> date | None:
    """The first day of "2026-08"; None for what is no month of ours."""
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _next_month(first: date, step: int = 1) -> date:
    return (first + timedelta(days=31 * step if step > 0 else -1)).replace(day=1)


HANDLERS = [sessions_page]
