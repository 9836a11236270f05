"""Draws of places: what is announced, asking to be in it, and how to check what came of it."""

from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from scheduling import asks, openings
from scheduling.openings import Opening
from service import agenda, auth, draw_letters
from service.accounts import Account
from service.draw_recipe import RECIPE
from service.i18n import words as words_of
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.language import language_of
from service.web.look import render

MOST = 100


@get("/openings", include_in_schema=False, guards=[auth.may("openings", "read")])
async def coming(request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What will be drawn, the next draw first."""
    async with db.read() as tx:
        found = await openings.coming(tx, now=now, limit=MOST)
        lines = [(opening, await agenda.session(tx, opening.session_id)) for opening in found]
    return render(request, "openings/coming.html", lines=lines)


@get("/openings/{opening_id:uuid}", include_in_schema=False, guards=[auth.may("openings", "read")])
async def one(opening_id: FromPath[UUID], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """One draw: how it goes, my own ask, and afterwards its result with all that it takes to check it."""
    async with db.read() as tx:
        return await _page(tx, await openings.get(tx, opening_id), request, now=now)


@post("/openings/{opening_id:uuid}/ask", include_in_schema=False, guards=[auth.may("openings", "ask")])
async def ask(
    opening_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """Ask for a place."""
    with Declined() as no:
        async with db.transaction() as tx:
            await openings.get(tx, opening_id)
            await asks.ask(tx, opening_id, auth.own(me.candidate_id), now=now)
    return await _after(opening_id, request, db, no, now, words)


@post("/openings/{opening_id:uuid}/ask/withdrawal", include_in_schema=False, guards=[auth.may("openings", "ask")])
async def take_back(
    opening_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """Take my ask back."""
    with Declined() as no:
        async with db.transaction() as tx:
            await openings.get(tx, opening_id)
            await asks.withdraw(tx, opening_id, auth.own(me.candidate_id), now=now)
    return await _after(opening_id, request, db, no, now, words)


async def _after(
    opening_id: UUID, request: Request[Any, Any, Any], db: Db, no: Declined, now: Now, words: Words
) -> Response[Any]:
    if no.refusal is None:
        return Redirect(f"/openings/{opening_id}", status_code=303)
    async with db.read() as tx:
        opening = await openings.get(tx, opening_id)
        return await _page(tx, opening, request, now=now, status=no.status, errors=no.errors(words))


async def _page(
    tx: asyncpg.Connection,
    opening: Opening,
    request: Request[Any, Any, Any],
    *,
    now: Now,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    account: Account | None = request.scope.get("user")
    mine = await asks.of_candidate(tx, opening.id, account.candidate_id) if account and account.candidate_id else None
    asked = await asks.drawn(tx, opening.id) if opening.seed else []
    return render(
        request,
        "openings/one.html",
        status=status,
        errors=errors or {},
        opening=opening,
        line=await agenda.session(tx, opening.session_id),
        takes_asks=opening.takes_asks(now),
        mine=mine,
        reason=await draw_letters.reason(tx, mine, words_of(language_of(request))) if mine else "",
        asked=[(one, openings.rank(opening.seed, one.id).hex()) for one in asked if opening.seed],
        recipe=RECIPE,
    )


HANDLERS = [coming, one, ask, take_back]
