"""Who takes part beside a candidate because a measure was granted: an interpreter, somebody who reads."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import bookings, companions
from service import agenda, auth, reach
from service.db import Database
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the register of assessors, and what for."""

    assessor_id: UUID
    measure: Annotated[str, Meta(pattern=r"^(interpreter|reader)\Z", max_length=11)]


@get(
    "/centre/sessions/{session_id:uuid}/companions",
    include_in_schema=False,
    guards=[auth.may("measures", "companion")],
)
async def companions_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """Each candidate with such a measure: who is engaged, or who could be."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    return await _page(request, db, session_id)


@post(
    "/centre/bookings/{booking_id:uuid}/companions", include_in_schema=False, guards=[auth.may("measures", "companion")]
)
async def engage(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Order],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Engage somebody, or say on the page why not."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await reach.knows_assessor(tx, data.assessor_id)
        session_id = (await bookings.get(tx, booking_id)).session_id
    measure: companions.Measure = "interpreter" if data.measure == "interpreter" else "reader"
    with Declined() as no:
        async with db.transaction() as tx:
            await companions.give(tx, booking_id, data.assessor_id, measure, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/companions", status_code=303)
    return await _page(request, db, session_id, status=no.status, errors=no.errors(words))


@post(
    "/centre/companions/{companion_id:uuid}/release",
    include_in_schema=False,
    guards=[auth.may("measures", "companion")],
)
async def release(
    companion_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Somebody else, or nobody, is engaged."""
    async with db.read() as tx:
        booking_id = await companions.booking_of(tx, companion_id)
        await reach.runs_booking(tx, me, booking_id)
        session_id = (await bookings.get(tx, booking_id)).session_id
    with Declined() as no:
        async with db.transaction() as tx:
            await companions.release(tx, companion_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/companions", status_code=303)
    return await _page(request, db, session_id, status=no.status, errors=no.errors(words))


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    session_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        line = await agenda.session(tx, session_id)
        needs = await companions.needs(tx, session_id)
        free = {
            need.booking_id: await companions.proposals(tx, need.booking_id)
            for need in needs
            if need.companion_id is None
        }
    return render(
        request, "centre/companions.html", status=status, line=line, needs=needs, free=free, errors=errors or {}
    )


HANDLERS = [companions_page, engage, release]
