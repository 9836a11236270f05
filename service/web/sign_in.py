"""Signing in with a link sent by mail, and out again."""

import re
from typing import Annotated, Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from service import arrivals, auth, limits, logins, sign_in_links
from service.accounts import Role
from service.i18n import words
from service.provide import Db, Now
from service.refusals import LinkSpent
from service.settings import secret
from service.web import entrance, onward
from service.web.language import language_of
from service.web.look import render

HOME: dict[Role, str] = {
    "candidate": "/journey",
    "assessor": "/agenda",
    "manager": "/centre",
    "planner": "/centre",
    "reception": "/centre/today",
    "auditor": "/audit/sessions",
    "administrator": "/centres",
}
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
UNTOLD = {"Referrer-Policy": "no-referrer"}  # the address of the page is a secret


class Asking(Struct, frozen=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(max_length=254)]
    onward: Annotated[str, Meta(max_length=500)] = ""


@get("/sign-in", include_in_schema=False, guards=[auth.may("logins", "begin")], sync_to_thread=False)
def ask_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One field: the mail address; and what else this installation offers."""
    return entrance.form(request, onward_to=str(request.query_params.get("onward") or ""))


@post("/sign-in", include_in_schema=False, guards=[auth.may("logins", "begin")], status_code=200)
async def ask(
    data: URLEncodedBody[Asking], request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[str]:
    """The same answer after the same work, whether the address is known, unknown or asked for too often."""
    if not ADDRESS.fullmatch(data.email.strip()):
        said = words(language_of(request)).gettext("Write the whole address, as in name@example.org")
        return entrance.form(request, status=422, email=data.email, errors={"email": said}, onward_to=data.onward)
    origin = limits.origin(request, state.settings)
    key = secret(state.settings)
    async with db.transaction() as tx:
        await sign_in_links.ask(tx, data.email, origin=origin, key=key, link_id=uuid4(), now=now)
    response = render(request, "sign_in_asked.html", email=data.email.strip(), minutes=entrance.MINUTES)
    if onward.safe(data.onward):
        response.set_cookie(onward.kept(request, data.onward))
    return response


@get("/sign-in/{token:str}", include_in_schema=False, guards=[auth.may("logins", "begin")], sync_to_thread=False)
def confirm_page(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """Only a button: programs that look into mails follow every link, and must not spend it."""
    return render(request, "sign_in_confirm.html", headers=UNTOLD, token=token)


@post("/sign-in/{token:str}", include_in_schema=False, guards=[auth.may("logins", "begin")])
async def confirm(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[Any]:
    """Spend the link: a login under a new secret, or the one of this browser confirmed under a new one."""
    try:
        async with db.transaction() as tx:
            account = await sign_in_links.use(tx, token, now=now)
            cookie = await arrivals.arrive(tx, request, account, "mail")
    except LinkSpent:
        return entrance.form(request, status=410, is_spent=True)
    to = onward.of(request) or HOME[account.role]
    return Redirect(to, status_code=303, cookies=[cookie, onward.kept(request, "")], headers=UNTOLD)


@post("/sign-out", include_in_schema=False, guards=[auth.may("logins", "end")])
async def leave(request: Request[Any, Any, Any], db: Db, now: Now, state: State) -> Redirect:
    """End the login on the server; whoever copied the cookie is out too."""
    held = auth.cookie_secret(request, state.settings)
    if held is not None:
        async with db.transaction() as tx:
            await logins.end(tx, held, now=now)
    return Redirect("/", status_code=303, cookies=[auth.cookie(state.settings, "", seconds=0)])


@get("/home", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "own")], sync_to_thread=False)
def home(me: auth.Me) -> Redirect:
    """The first page of whoever has signed in."""
    return Redirect(HOME[me.role], status_code=303)


HANDLERS = [ask_page, ask, confirm_page, confirm, leave, home]
