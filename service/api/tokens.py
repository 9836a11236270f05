"""My access tokens. No token leads here: none makes, lists or revokes others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from service import auth, tokens
from service.api.described import refusals
from service.provide import Db, Now
from service.refusals import NotFound, PersonNeeded, StepUpNeeded
from service.tokens import LONGEST_DAYS, Scope, Token

TAGS = ["identity"]


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What the token is for, what it may do at most, and for how many days."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=8)]
    days: Annotated[int, Meta(ge=1, le=LONGEST_DAYS)] = 90


class Made(Struct, frozen=True):
    """The token itself, in this answer only: nobody can read it again."""

    id: UUID
    token: str
    scopes: list[Scope]
    expires_at: datetime


@get(
    "/tokens",
    tags=TAGS,
    guards=[auth.in_person, auth.may("tokens", "own")],
    responses=refusals(PersonNeeded, codes=(401, 403)),
)
async def mine(me: auth.Me, db: Db) -> list[Token]:
    """My tokens, newest first, with their last use."""
    async with db.read() as tx:
        return await tokens.of_account(tx, me.id)


@post(
    "/tokens",
    tags=TAGS,
    guards=[auth.in_person, auth.may("tokens", "own"), auth.fresh],
    responses=refusals(PersonNeeded, StepUpNeeded, codes=(401, 403, 422)),
)
async def create(data: JSONBody[Wish], me: auth.Me, db: Db, now: Now) -> Response[Made]:
    """Make a token; it is shown once. Asks for a fresh sign-in."""
    secret = tokens.new_secret()
    async with db.transaction() as tx:
        made = await tokens.create(
            tx, me.id, secret=secret, name=data.name.strip(), scopes=data.scopes, days=data.days, now=now
        )
    return Response(Made(made.id, secret, made.scopes, made.expires_at), status_code=201)


@put(
    "/tokens/{token_id:uuid}/revocation",
    tags=TAGS,
    guards=[auth.in_person, auth.may("tokens", "own")],
    status_code=204,
    responses=refusals(PersonNeeded, codes=(401, 403, 404)),
)
async def revoke(token_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """It opens nothing any more. Twice is once."""
    async with db.transaction() as tx:
        if not await tokens.revoke(tx, token_id, account_id=me.id, now=now):
            raise NotFound


HANDLERS = [mine, create, revoke]
