"""The drafts of a series opened for booking together, from any of its sessions."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from scheduling import series
from service import agenda, auth, reach
from service.i18n import BRUSSELS
from service.provide import Db, Now


@post(
    "/centre/sessions/{session_id:uuid}/series/opening", include_in_schema=False, guards=[auth.may("sessions", "open")]
)
async def open_series(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Each of them that can be; those that cannot stay drafts, and their own pages say why."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        line = await agenda.session(tx, session_id)
        drafts = [*(await series.open_drafts(tx, session_id, by=me.id, now=now)).values()]
    opened = drafts.count(None)
    here = "" if me.centre_id else f"&centre={line.centre_code}"
    month = line.starts_at.astimezone(BRUSSELS)
    return Redirect(f"/centre?month={month:%Y-%m}&opened={opened}&left={len(drafts) - opened}{here}", status_code=303)


HANDLERS = [open_series]
