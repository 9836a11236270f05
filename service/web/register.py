"""The certificates that a centre issued: found again, suspended, reinstated, withdrawn; each with its reason."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from certificates import register
from certificates.refusals import ReasonUnstated
from service import auth, desk, outcome_reach
from service.accounts import Account
from service.db import Database
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

MOST = 100
Asked = Annotated[str, QueryParameter(max_length=100)]


Text = Annotated[str, Meta(max_length=2_000)]


class Suspension(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the register and for the holder."""

    why_suspended: Text = ""


class Withdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the register and for the holder."""

    why_withdrawn: Text = ""


@get("/centre/certificates", include_in_schema=False, guards=[auth.may("results", "register")])
async def register_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, centre: Asked = "", q: Asked = ""
) -> Response[Any]:
    """The centre's certificates, the newest first, found by holder, number, code or unit."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    async with db.read() as tx:
        here = await desk.centre(tx, me, centre)
        found = await register.of_centre(tx, here.id, sought=q.strip(), most=MOST)
    return render(request, "certificates/register.html", centre=here, certificates=found, sought=q.strip(), most=MOST)


@get("/centre/certificates/{certificate_id:uuid}", include_in_schema=False, guards=[auth.may("results", "register")])
async def certificate_page(
    certificate_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """How one stands, and what can be done about that."""
    async with db.read() as tx:
        await outcome_reach.runs_certificate(tx, me, certificate_id)
    return await _page(request, db, certificate_id)


@post(
    "/centre/certificates/{certificate_id:uuid}/suspension",
    include_in_schema=False,
    guards=[auth.may("results", "standing")],
)
async def suspend(
    certificate_id: FromPath[UUID],
    data: URLEncodedBody[Suspension],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """It does not count for the time being; the holder is told why, and whoever checks it sees it at once."""

    async def act(tx: asyncpg.Connection) -> None:
        await register.suspend(tx, certificate_id, reason=data.why_suspended.strip(), by=me.id, now=now)

    return await _done(request, db, me, certificate_id, words, act, {"why_suspended": data.why_suspended})


@post(
    "/centre/certificates/{certificate_id:uuid}/reinstatement",
    include_in_schema=False,
    guards=[auth.may("results", "standing")],
)
async def reinstate(
    certificate_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Valid again."""

    async def act(tx: asyncpg.Connection) -> None:
        await register.reinstate(tx, certificate_id, by=me.id, now=now)

    return await _done(request, db, me, certificate_id, words, act)


@post(
    "/centre/certificates/{certificate_id:uuid}/withdrawal",
    include_in_schema=False,
    guards=[auth.may("results", "standing")],
)
async def withdraw(
    certificate_id: FromPath[UUID],
    data: URLEncodedBody[Withdrawal],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """It counts no longer, for good."""

    async def act(tx: asyncpg.Connection) -> None:
        await register.withdraw(tx, certificate_id, reason=data.why_withdrawn.strip(), by=me.id, now=now)

    return await _done(request, db, me, certificate_id, words, act, {"why_withdrawn": data.why_withdrawn})


async def _done(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    certificate_id: UUID,
    words: Words,
    act: Callable[[asyncpg.Connection], Awaitable[None]],
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    with Declined() as no:
        async with db.transaction() as tx:
            await outcome_reach.runs_certificate(tx, me, certificate_id)
            await act(tx)
    if no.refusal is None:
        return Redirect(f"/centre/certificates/{certificate_id}", status_code=303)
    errors = no.errors(words, {ReasonUnstated: next(iter(typed or {}), "")})
    return await _page(request, db, certificate_id, status=no.status, errors=errors, typed=typed)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    certificate_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        certificate = await register.get(tx, certificate_id)
        reason = await register.reason(tx, certificate_id)
    return render(
        request,
        "certificates/standing.html",
        status=status,
        certificate=certificate,
        reason=reason,
        errors=errors or {},
        typed=typed or {},
        is_fresh=auth.is_fresh(request),
    )


HANDLERS = [register_page, certificate_page, suspend, reinstate, withdraw]
