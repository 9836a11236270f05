"""Signing in with a link sent by mail, and out again."""

import re
from typing import Annotated, Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from service import auth, limits, logins, sign_in_links
from service.accounts import Role
from service.i18n import words
from service.provide import Db, Now
from service.refusals import LinkSpent
from service.settings import secret
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
MINUTES = int(sign_in_links.VALID.total_seconds() // 60)
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
UNTOLD = {"Referrer-Policy": "no-referrer"}  # the address of the page is a secret


class Asking(Struct, frozen=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(max_length=254)]


@get("/sign-in", include_in_schema=False, sync_to_thread=False)
def ask_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One field: the mail address."""
    return _form(request)


@post("/sign-in", include_in_schema=False, status_code=200)
async def ask(
    data: URLEncodedBody[Asking], request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[str]:
    """The same answer after the same work, whether the address is known, unknown or asked for too often."""
    if not ADDRESS.fullmatch(data.email.strip()):
        return _form(request, status=422, email=data.email, is_wrong=True)
    origin = limits.origin(request, state.settings)
    key = secret(state.settings)
    async with db.transaction() as tx:
        await sign_in_links.ask(tx, data.email, origin=origin, key=key, link_id=uuid4(), now=now)
    return render(request, "sign_in_asked.html", email=data.email.strip(), minutes=MINUTES)


@get("/sign-in/{token:str}", include_in_schema=False, sync_to_thread=False)
def confirm_page(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """Only a button: programs that look into mails follow every link, and must not spend it."""
    return render(request, "sign_in_confirm.html", headers=UNTOLD, token=token)


@post("/sign-in/{token:str}", include_in_schema=False)
async def confirm(
    token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[Any]:
    """Spend the link and begin a login under a new secret; the one this browser had ends."""
    fresh, former = auth.new_secret(), auth.cookie_secret(request, state.settings)
    try:
        async with db.transaction() as tx:
            account = await sign_in_links.use(tx, token, now=now)
            if former is not None:
                await logins.end(tx, former, now=now)
            await logins.begin(tx, account.id, secret=fresh, now=now)
    except LinkSpent:
        return _form(request, status=410, is_spent=True)
    return Redirect(HOME[account.role], status_code=303, cookies=[auth.cookie(state.settings, fresh)], headers=UNTOLD)


@post("/sign-out", include_in_schema=False)
async def leave(request: Request[Any, Any, Any], db: Db, now: Now, state: State) -> Redirect:
    """End the login on the server; whoever copied the cookie is out too."""
    held = auth.cookie_secret(request, state.settings)
    if held is not None:
        async with db.transaction() as tx:
            await logins.end(tx, held, now=now)
    return Redirect("/", status_code=303, cookies=[auth.cookie(state.settings, "", seconds=0)])


def _form(
    request: Request[Any, Any, Any],
    *,
    status: int = 200,
    email: str = "",
    is_wrong: bool = False,
    is_spent: bool = False,
) -> Response[str]:
    error = words(language_of(request)).gettext("Write the whole address, as in name@example.org") if is_wrong else ""
    return render(request, "sign_in.html", status=status, email=email, error=error, spent=is_spent, minutes=MINUTES)


HANDLERS = [ask_page, ask, confirm_page, confirm, leave]
