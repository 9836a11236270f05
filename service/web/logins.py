"""My sign-ins: where I am signed in, and how to end it."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service import auth, logins
from service.provide import Db, Now
from service.refusals import NotFound
from service.web.look import render


@get("/logins", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "own")])
async def mine(me: auth.Me, login: auth.MyLogin, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Each login that still opens something, the one of this browser marked."""
    async with db.read() as tx:
        running = await logins.running(tx, me.id, now=now)
    ended = "ended" in request.query_params
    return render(request, "identity/logins.html", logins=running, this=login.id, ended=ended)


@post("/logins/{login_id:uuid}/end", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "own")])
async def end(login_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """End one of mine; whoever holds its cookie is out."""
    async with db.transaction() as tx:
        if not await logins.end_one(tx, login_id, account_id=me.id, now=now):
            raise NotFound
    return Redirect("/logins?ended=1", status_code=303)


@post("/logins/end-others", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "own")])
async def end_others(me: auth.Me, login: auth.MyLogin, db: Db, now: Now) -> Redirect:
    """End all of mine but this one."""
    async with db.transaction() as tx:
        await logins.end_all(tx, me.id, now=now, but=login.id)
    return Redirect("/logins?ended=1", status_code=303)


HANDLERS = [mine, end, end_others]
