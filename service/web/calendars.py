"""Calendar addresses: made, renewed and ended on a page; read by calendar programs.

The secret is shown once. Between the form and the page that shows it, it waits in a cookie that only this page gets.
"""

import secrets
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Struct

from scheduling import centres, feeds, rooms
from scheduling.feeds import Kind
from service import auth, reach, subscriptions
from service.accounts import Account
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.settings import Settings
from service.web.language import language_of
from service.web.look import render

FRESH = "new-calendar"
TOKEN_BYTES = 32


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose calendar, as the page offers it."""

    kind: Kind
    owner_id: UUID


class Offer(Struct, frozen=True):
    """A calendar the reader may have, with its live address, if there is one."""

    kind: Kind
    owner_id: UUID
    title: str
    feed: feeds.Feed | None


@get("/calendars", include_in_schema=False, guards=[auth.may("calendars", "list")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, words: Words) -> Response[str]:
    """My calendars; the address that was just made, this once."""
    settings: Settings = request.app.state.settings
    token = request.cookies.get(FRESH, "")
    async with db.read() as tx:
        offers = await _offers(tx, me, words)
        fresh = await feeds.by_secret(tx, subscriptions.token_hash(token)) if token else None
    new = next((offer for offer in offers if fresh and offer.feed and offer.feed.id == fresh.id), None)
    address = subscriptions.address(settings.base_url, token) if new else ""
    response = render(request, "calendars/mine.html", offers=offers, new=new, address=address)
    if token:
        response.set_cookie(_waiting(settings, "", seconds=0))
    return response


@post("/calendars", include_in_schema=False, guards=[auth.may("calendars", "create")])
async def create(
    data: URLEncodedBody[Order], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now
) -> Redirect:
    """A new address; the one before ends at once. It speaks the language of the page it was asked on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    async with db.transaction() as tx:
        await reach.owns_calendar(tx, me, data.kind, data.owner_id)
        hashed = subscriptions.token_hash(token)
        language = language_of(request)
        await feeds.create(tx, data.kind, data.owner_id, token_hash=hashed, language=language, by=me.id, now=now)
    cookie = _waiting(request.app.state.settings, token, seconds=120)
    return Redirect("/calendars", status_code=303, cookies=[cookie])


@post("/calendars/{feed_id:uuid}/revocation", include_in_schema=False, guards=[auth.may("calendars", "revoke")])
async def revoke(feed_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """End one of my addresses, at once."""
    async with db.transaction() as tx:
        await feeds.revoke(tx, feed_id, by=me.id, now=now)
    return Redirect("/calendars", status_code=303)


@get("/calendars/{file:str}", include_in_schema=False, guards=[auth.may("calendars", "read")])
async def subscribe(file: FromPath[str], request: Request[Any, Any, Any], now: Now, state: State) -> Response[Any]:
    """The calendar behind an address: what its owner may see today. Anything else was never there."""
    if not file.endswith(subscriptions.SUFFIX):
        raise NotFound
    secret = subscriptions.token_hash(file.removesuffix(subscriptions.SUFFIX))
    written = await state.kept_feeds.written(secret, base_url=state.settings.base_url, now=now)
    if written.is_known(request.headers):
        return Response(None, status_code=304, headers=written.headers)
    return Response(written.body, media_type="text/calendar", headers=written.headers)


async def _offers(tx: asyncpg.Connection, me: Account, words: Words) -> list[Offer]:
    """The reader's own tests or juries; for managers their centre and its rooms, for administrators all of them."""
    live = {(feed.kind, feed.owner_id): feed for feed in await feeds.of_account(tx, me.id)}
    owners: list[tuple[Kind, UUID]] = []
    if me.candidate_id:
        owners.append(("candidate", me.candidate_id))
    if me.assessor_id:
        owners.append(("assessor", me.assessor_id))
    for centre in await centres.every(tx):
        if me.role == "administrator" or centre.id == me.centre_id:
            owners.append(("centre", centre.id))
            owners += [("room", room.id) for room in await rooms.of_centre(tx, centre.id)]
    return [
        Offer(kind, owner_id, await subscriptions.title(tx, kind, owner_id, words), live.get((kind, owner_id)))
        for kind, owner_id in owners
    ]


def _waiting(settings: Settings, token: str, *, seconds: int) -> Cookie:
    return Cookie(
        key=FRESH,
        value=token,
        path="/calendars",
        max_age=seconds,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )


HANDLERS = [mine, create, revoke, subscribe]
