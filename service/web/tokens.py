"""My access tokens: made, shown once, listed with their last use, revoked."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from service import auth, tokens
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.tokens import Scope
from service.web.look import render

DAYS = (30, 90, 366)
MISSING = {"name": N_("Say what the token is for"), "scopes": N_("Choose what the token may do")}


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """What it is for, what it may do, and for how many days."""

    name: Annotated[str, Meta(max_length=100)] = ""
    scopes: list[Scope] | Scope = []
    days: Annotated[str, Meta(max_length=3, pattern=r"^[0-9]+$(?!\n)")] = "90"

    @property
    def chosen(self) -> list[Scope]:
        return self.scopes if isinstance(self.scopes, list) else [self.scopes]


@get("/tokens", include_in_schema=False, guards=[auth.in_person, auth.may("tokens", "own")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """All of mine, and the form for another."""
    return await _page(request, db, me, now)


@post(
    "/tokens", include_in_schema=False, guards=[auth.in_person, auth.may("tokens", "own"), auth.fresh], status_code=200
)
async def create(
    data: URLEncodedBody[Form], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[str]:
    """Make one, and show it in the answer: this once."""
    given = {"name": data.name.strip(), "scopes": data.chosen}
    if errors := {field: words.gettext(MISSING[field]) for field, value in given.items() if not value}:
        return await _page(request, db, me, now, status=422, errors=errors, form=data)
    secret, days = tokens.new_secret(), min(max(int(data.days), 1), tokens.LONGEST_DAYS)
    async with db.transaction() as tx:
        await tokens.create(tx, me.id, secret=secret, name=data.name.strip(), scopes=data.chosen, days=days, now=now)
    return await _page(request, db, me, now, secret=secret)


@post("/tokens/{token_id:uuid}/revocation", include_in_schema=False, guards=[auth.in_person, auth.may("tokens", "own")])
async def revoke(token_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """It opens nothing any more."""
    async with db.transaction() as tx:
        if not await tokens.revoke(tx, token_id, account_id=me.id, now=now):
            raise NotFound
    return Redirect("/tokens", status_code=303)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    now: Now,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Form | None = None,
    secret: str = "",
) -> Response[str]:
    async with db.read() as tx:
        held = await tokens.of_account(tx, me.id)
    return render(
        request,
        "identity/tokens.html",
        status=status,
        tokens=held,
        now=now,
        is_fresh=auth.is_fresh(request),
        scopes=tokens.SCOPES,
        lifetimes=DAYS,
        errors=errors or {},
        form=form or Form(),
        secret=secret,
    )


HANDLERS = [mine, create, revoke]
