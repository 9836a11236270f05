"""An assessor's agenda: the juries they sit on, and the candidates of each with the state of their own grid."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from assessments import standards
from scheduling import sessions
from service import agenda, assessing, auth, dossiers
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.web.look import render

AHEAD, BEHIND, LIMIT = timedelta(days=400), timedelta(days=200), 300


@get("/agenda", include_in_schema=False, guards=[auth.may("agenda", "list")])
async def my_sessions(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now) -> Response[str]:
    """My juries, the coming ones by date and those of the last months; and the appeals I am to answer."""
    own = auth.own(me.assessor_id)
    today = datetime.combine(now.astimezone(BRUSSELS).date(), time(), BRUSSELS).astimezone(UTC)
    async with db.read() as tx:
        lines = await agenda.sessions_of_assessor(tx, own, since=today - BEHIND, until=today + AHEAD, limit=LIMIT)
        roles = await assessing.roles(tx, own, [line.id for line in lines])
        reviews = await dossiers.reviews(tx, own)
    live = [line for line in lines if line.state != "cancelled"]
    return render(
        request,
        "agenda/sessions.html",
        coming=[line for line in live if line.starts_at >= today],
        past=[line for line in reversed(live) if line.starts_at < today],
        roles=roles,
        reviews=reviews,
    )


@get("/agenda/sessions/{session_id:uuid}", include_in_schema=False, guards=[auth.may("agenda", "read")])
async def my_session(session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """The candidates of the day: names and granted measures, and how far my grid for each of them is."""
    own = auth.own(me.assessor_id)
    async with db.read() as tx:
        role = await assessing.role_in(tx, own, session_id)
        session = await sessions.get(tx, session_id)
        standard = await standards.get(tx, session.standard_id)
        line = await agenda.session(tx, session_id)
        attendees = await agenda.attendees(tx, session_id)
        grids = await assessing.my_grids(tx, own, session_id)
    return render(
        request,
        "agenda/session.html",
        line=line,
        role=role,
        content=standard.content,
        attendees=[who for who in attendees if who.release is None],
        grids=grids,
        expected=len(assessing.expected(standard.content.grid, role)),
    )


HANDLERS = [my_sessions, my_session]
