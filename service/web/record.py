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
from service.web.language import language_of
from service.web.look import render
from service.web.privacy import Confirmed, zipped


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
    async with db.transaction() as tx:
        await exports.ask(tx, Whose(assessor_id=auth.own(me.assessor_id)), language=language_of(request), now=now)
    return Redirect("/record#copies", status_code=303)


@get(
    "/record/exports/{copy_id:uuid}/archive.zip",
    include_in_schema=False,
    guards=[auth.may("records", "export")],
)
async def download(copy_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The copy, for whom it is about."""
    async with db.read() as tx:
        whose = Whose(assessor_id=auth.own(me.assessor_id))
        return zipped(await exports.archive(tx, copy_id, whose=whose, now=now), now)


@post("/record/erasure", include_in_schema=False, guards=[auth.may("records", "erase")], status_code=200)
async def erase(
    data: URLEncodedBody[Confirmed], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[Any]:
    """Forget me: at once, or as soon as nobody waits for me any more. The request is kept either way."""
    own = auth.own(me.assessor_id)
    async with db.transaction() as tx:
        await assessors.leave(tx, own, now=now)
    try:
        async with db.as_house().transaction() as tx:
            await assessor_erasures.carry_out(tx, own, by=me.id, now=now)
    except AssessorAwaited:
        return Redirect("/record#forget", status_code=303)
    request.scope["user"] = None
    response = render(request, "record/erased.html")
    response.set_cookie(auth.cookie(state.settings, "", seconds=0))
    return response


@post("/record/erasure/withdrawal", include_in_schema=False, guards=[auth.may("records", "erase")])
async def keep(me: auth.Me, db: Db) -> Redirect:
    """I stay after all, as long as my request waits."""
    async with db.transaction() as tx:
        await assessors.stay(tx, auth.own(me.assessor_id))
    return Redirect("/record#forget", status_code=303)


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
