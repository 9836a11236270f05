"""Calendar addresses: made, listed and ended by whoever they belong to. The secret is shown once."""

import secrets
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from scheduling import feeds
from service import auth, reach, subscriptions
from service.api.described import refusals
from service.api.fields import Language
from service.provide import Db, Now

TAGS = ["feeds"]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`owner_id`: the room, or an administrator's choice of centre; by default whom the caller acts for."""

    kind: feeds.Kind
    owner_id: UUID | None = None
    language: Language | None = None


class Address(Struct, frozen=True):
    """`url` is a secret, shown this once: whoever has it reads the calendar."""

    id: UUID
    kind: feeds.Kind
    owner_id: UUID
    url: str


@post("/feeds", tags=TAGS, guards=[auth.may("calendars", "create")], responses=refusals())
async def create(data: JSONBody[Order], me: auth.Me, db: Db, now: Now, state: State) -> Response[Address]:
    """A calendar address; an earlier one of mine for the same calendar ends."""
    by_kind = {"candidate": me.candidate_id, "assessor": me.assessor_id, "centre": me.centre_id}
    owner_id = auth.own(data.owner_id or by_kind.get(data.kind))
    token = secrets.token_urlsafe(32)
    async with db.transaction() as tx:
        await reach.owns_calendar(tx, me, data.kind, owner_id)
        feed_id = await feeds.create(
            tx,
            data.kind,
            owner_id,
            token_hash=subscriptions.token_hash(token),
            language=data.language or me.language,
            by=me.id,
            now=now,
        )
    url = subscriptions.address(state.settings.base_url, token)
    return Response(Address(feed_id, data.kind, owner_id, url), status_code=201)


@get("/feeds", tags=TAGS, guards=[auth.may("calendars", "list")], responses=refusals(codes=(401,)))
async def mine(me: auth.Me, db: Db) -> list[feeds.Feed]:
    """My live calendar addresses, without their secrets."""
    async with db.read() as tx:
        return await feeds.of_account(tx, me.id)


@delete(
    "/feeds/{feed_id:uuid}", tags=TAGS, guards=[auth.may("calendars", "revoke")], responses=refusals(codes=(401, 404))
)
async def revoke(feed_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """End one of my addresses, at once."""
    async with db.transaction() as tx:
        await feeds.revoke(tx, feed_id, by=me.id, now=now)


HANDLERS = [create, mine, revoke]
