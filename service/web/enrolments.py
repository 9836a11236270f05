"""Withdrawing from a unit: a page that says what ends with it and what is in its way, and the button."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service import auth, reach, withdrawals
from service.db import Database
from service.problems import REFUSALS
from service.provide import Db, Now
from service.web.declined import Declined
from service.web.look import render


@get("/enrolments/{enrolment_id:uuid}/withdrawal", include_in_schema=False, guards=[auth.may("journey", "withdraw")])
async def ask(
    enrolment_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now
) -> Response[str]:
    """Before it is done: reading this changes nothing."""
    async with db.read() as tx:
        await reach.holds_enrolment(tx, me, enrolment_id)
    return await _page(request, db, enrolment_id, now)


@post("/enrolments/{enrolment_id:uuid}/withdrawal", include_in_schema=False, guards=[auth.may("journey", "withdraw")])
async def withdraw(
    enrolment_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now
) -> Response[Any]:
    """Withdraw; a refusal is said on the same page, with the way out."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.holds_enrolment(tx, me, enrolment_id)
            await withdrawals.withdraw(tx, enrolment_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/journey", status_code=303)
    return await _page(request, db, enrolment_id, now, refusal=type(no.refusal), status=no.status)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    enrolment_id: UUID,
    now: Now,
    *,
    refusal: type[Exception] | None = None,
    status: int = 200,
) -> Response[str]:
    async with db.read() as tx:
        standing = await withdrawals.before(tx, enrolment_id, now=now)
    refused = refusal or next(iter(standing.refusals), None)
    return render(
        request,
        "enrolments/withdrawal.html",
        status=status,
        enrolment_id=enrolment_id,
        standing=standing,
        refused=REFUSALS[refused] if refused else None,
    )


HANDLERS = [ask, withdraw]
