"""My data as an assessor: copies to take away, and the wish to be forgotten. For a centre: who of its people leaves."""

from calendar import monthrange
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from assessments import assessors, departures
from assessments.outcome_refusals import AssessorAwaited
from service import assessor_erasures, auth, exports
from service.exports import Whose
from service.provide import Db, Now
from service.web.look import render
from service.web.own_data import Confirmed, Person

ASSESSOR = Person(
    page="/record",
    erased="record/erased.html",
    own=lambda me: auth.own(me.assessor_id),
    whose=lambda own: Whose(assessor_id=own),
    wish=lambda tx, own, now: assessors.leave(tx, own, now=now),
    erase=lambda tx, own, me, now: assessor_erasures.carry_out(tx, own, by=me.id, now=now),
    stay=assessors.stay,
    awaited=(AssessorAwaited,),
)


@get("/record", include_in_schema=False, guards=[auth.may("records", "read")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What I may do with my data, and what a wish to be forgotten would have to wait for."""
    own = auth.own(me.assessor_id)
    async with db.read() as tx:
        copies = await exports.of(tx, Whose(assessor_id=own), now=now)
        leaving_since = await departures.leaving_since(tx, own)
        awaits = await departures.awaits(tx, own, now=now)
    return render(request, "record/mine.html", copies=copies, leaving_since=leaving_since, awaits=awaits)


@post("/record/exports", include_in_schema=False, guards=[auth.may("records", "export")])
async def ask_export(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Redirect:
    """Ask for a copy of everything, in the language of the page; the worker makes it."""
    return await ASSESSOR.asks_copy(me, request, db, now)


@get(
    "/record/exports/{copy_id:uuid}/archive.zip",
    include_in_schema=False,
    guards=[auth.may("records", "export")],
)
async def download(copy_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The copy, for whom it is about."""
    return await ASSESSOR.fetches(copy_id, me, db, now)


@post("/record/erasure", include_in_schema=False, guards=[auth.may("records", "erase")], status_code=200)
async def erase(
    data: URLEncodedBody[Confirmed], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[Any]:
    """Forget me: at once, or as soon as nobody waits for me any more. The request is kept either way."""
    return await ASSESSOR.leaves(me, request, db, now, state.settings)


@post("/record/erasure/withdrawal", include_in_schema=False, guards=[auth.may("records", "erase")])
async def keep(me: auth.Me, db: Db) -> Redirect:
    """I stay after all, as long as my request waits."""
    return await ASSESSOR.stays(me, db)


@get("/centre/leaving", include_in_schema=False, guards=[auth.may("records", "leaving")])
async def leaving(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Who asked to be forgotten and what that waits for, with the day on which it has to be answered."""
    async with db.read() as tx:
        rows = await departures.leaving(tx, None if me.role == "administrator" else auth.own(me.centre_id), now=now)
    return render(request, "record/leaving.html", rows_of=[(one, _month_later(one.asked_at)) for one in rows], now=now)


def _month_later(moment: datetime) -> datetime:
    """A month to answer (GDPR, art. 12, 3): the same day of the next one, or its last."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


HANDLERS = [mine, ask_export, download, erase, keep, leaving]
