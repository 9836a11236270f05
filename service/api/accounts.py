"""Accounts of staff, for administrators who have signed in. No token leads here."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from service import auth, staff, versions
from service.accounts import Language, Role
from service.api.described import refusals
from service.provide import Db, Now
from service.refusals import AccountKnown, OwnAccount, PersonNeeded, RoleIncomplete, StepUpNeeded
from service.staff import Member

TAGS = ["identity"]
READ: list[auth.Guard] = [auth.in_person, auth.may("accounts", "read")]
MANAGE: list[auth.Guard] = [auth.in_person, auth.may("accounts", "change")]


class New(Struct, frozen=True, forbid_unknown_fields=True):
    """Who, as what, and for a role of one centre where."""

    email: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}$(?!\n)", max_length=254)
    ]
    role: Role
    language: Language
    centre_id: UUID | None = None


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """As what, and where, from now on."""

    role: Role
    centre_id: UUID | None = None


class Editable(Struct, frozen=True):
    """What an account may do: what a change of its role replaces."""

    id: UUID
    email: str
    role: Role
    centre: str | None
    disabled_at: datetime | None


@get("/accounts", tags=TAGS, guards=READ, responses=refusals(PersonNeeded, codes=(401, 403)))
async def search(db: Db, q: Annotated[str, QueryParameter(max_length=100)] = "") -> list[Member]:
    """Accounts of staff whose address, name or centre contains `q`; at most a hundred."""
    async with db.read() as tx:
        return await staff.search(tx, q)


@get("/accounts/{account_id:uuid}", tags=TAGS, guards=READ, responses=refusals(PersonNeeded, codes=(401, 403, 404)))
async def one(account_id: FromPath[UUID], db: Db) -> Response[Editable]:
    """One account of staff, with the ETag that changing its role asks for."""
    async with db.read() as tx:
        return versions.shown(await _editable(tx, account_id))


@post(
    "/accounts",
    tags=TAGS,
    guards=MANAGE,
    responses=refusals(AccountKnown, RoleIncomplete, PersonNeeded, StepUpNeeded, codes=(401, 403, 422)),
)
async def create(data: JSONBody[New], db: Db, now: Now) -> Response[Member]:
    """Let somebody sign in. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        account_id = await staff.create(
            tx, email=data.email, role=data.role, language=data.language, centre_id=data.centre_id, now=now
        )
        made = await staff.member(tx, account_id)
    return Response(made, status_code=201)


@put(
    "/accounts/{account_id:uuid}/role",
    tags=TAGS,
    guards=[*MANAGE, versions.stated],
    responses=refusals(OwnAccount, RoleIncomplete, PersonNeeded, StepUpNeeded, codes=(401, 403, 404, 412, 422, 428)),
)
async def change_role(
    account_id: FromPath[UUID], data: JSONBody[Change], if_match: versions.IfMatch, me: auth.Me, db: Db, now: Now
) -> Member:
    """Another role: every login ends, every token is revoked. Asks for a fresh sign-in. If-Match is the ETag of the
    account as it was read."""
    async with db.transaction() as tx:
        await staff.hold(tx, account_id)
        versions.refuse_stale(if_match, await _editable(tx, account_id))
        await staff.change_role(tx, account_id, data.role, centre_id=data.centre_id, by=me.id, now=now)
        return await staff.member(tx, account_id)


@put(
    "/accounts/{account_id:uuid}/disablement",
    tags=TAGS,
    guards=MANAGE,
    responses=refusals(OwnAccount, PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def disable(account_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Member:
    """No more access, at once. Twice is once. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await staff.disable(tx, account_id, by=me.id, now=now)
        return await staff.member(tx, account_id)


async def _editable(tx: asyncpg.Connection, account_id: UUID) -> Editable:
    known = await staff.member(tx, account_id)
    return Editable(known.id, known.email, known.role, known.centre, known.disabled_at)


HANDLERS = [search, one, create, change_role, disable]
