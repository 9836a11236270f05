"""The centres, for an administrator: how many sessions each has, and the way to them."""

from datetime import datetime
from typing import Any

import asyncpg
from litestar import Request, Response, get
from msgspec import Struct

from service import auth
from service.provide import Db, Now
from service.web.look import render


class CentreLine(Struct, frozen=True):
    """A centre with what it has before it and what waits."""

    code: str
    name: str
    sector: dict[str, str]
    coming: int
    open: int
    places: int
    waiting: int
    appeals: int


@get("/centres", include_in_schema=False, guards=[auth.may("catalogue", "centres")])
async def centres_page(request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Every centre; the administrator chooses one to work in."""
    async with db.read() as tx:
        lines = await _lines(tx, now)
    return render(request, "centre/centres.html", centres=lines)


async def _lines(tx: asyncpg.Connection, now: datetime) -> list[CentreLine]:
    rows = await tx.fetch(
        """select c.code, c.name, c.sector::jsonb,
                  count(s.id) filter (where lower(s.test_time) >= $1) as coming,
                  count(s.id) filter (where lower(s.test_time) >= $1 and s.opened_at is not null
                                        and s.locked_at is null) as open,
                  coalesce(sum(s.seats - s.taken) filter (where lower(s.test_time) >= $1 and s.opened_at is not null
                                                            and s.locked_at is null), 0)::int as places,
                  count(s.id) filter (where s.ended_at is not null and s.closed_at is null) as waiting,
                  (select count(*) from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
                   join scheduling.bookings b on b.id = d.booking_id join scheduling.sessions x on x.id = b.session_id
                   where x.centre_id = c.id and a.answered_at is null) as appeals
           from scheduling.centres c
           left join scheduling.sessions s on s.centre_id = c.id and s.cancelled_at is null
           group by c.id order by c.name""",
        now,
    )
    return [CentreLine(**row) for row in rows]


HANDLERS = [centres_page]
