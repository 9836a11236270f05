"""What reception opens in the morning: the sessions of the day and the next ones, each with the way to its list."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect

from service import agenda, auth, desk
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
AHEAD, LIMIT = timedelta(days=8), 200


@get("/centre/today", include_in_schema=False, guards=[auth.may("attendance", "list")])
async def today_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, centre: Asked = None
) -> Response[Any]:
    """Today's sessions, and those of the coming week."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    morning = datetime.combine(now.astimezone(BRUSSELS).date(), time(), BRUSSELS)
    evening = (morning + timedelta(days=1)).astimezone(UTC)
    async with db.read() as tx:
        here = await desk.centre(tx, me, centre)
        lines = await agenda.sessions_of_centre(
            tx, here.id, since=morning.astimezone(UTC), until=morning.astimezone(UTC) + AHEAD, limit=LIMIT
        )
    live = [line for line in lines if line.state not in ("draft", "cancelled")]
    return render(
        request,
        "centre/today.html",
        centre=here,
        today=morning.date(),
        expected=[line for line in live if line.starts_at < evening],
        later=[line for line in live if line.starts_at >= evening],
    )


HANDLERS = [today_page]
