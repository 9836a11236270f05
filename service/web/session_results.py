"""The results of a session as a whole: how far each candidate is, and their release in one step."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from assessments import decisions, new_tests
from service import auth, reach, session_results
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


@get("/centre/sessions/{session_id:uuid}/results", include_in_schema=False, guards=[auth.may("decisions", "file")])
async def results_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """Everybody who attended, with proposal, agreement, outcome and decision; and what is still to be done."""
    return await _page(request, db, me, session_id)


@post(
    "/centre/sessions/{session_id:uuid}/results/release",
    include_in_schema=False,
    guards=[auth.may("decisions", "release")],
)
async def release(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Tell everybody in one step. Twice is once."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await decisions.release_session(tx, session_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/results", status_code=303)
    return await _page(request, db, me, session_id, status=no.status, errors=no.errors(words))


@post(
    "/centre/bookings/{booking_id:uuid}/annulment",
    include_in_schema=False,
    guards=[auth.may("decisions", "annul")],
)
async def annul(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Somebody of the jury has a tie with the candidate: the test does not count, and there is a new one."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        session_id = await session_results.session_of(tx, booking_id)
    with Declined() as no:
        async with db.transaction() as tx:
            await new_tests.annul(tx, booking_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/results", status_code=303)
    return await _page(request, db, me, session_id, status=no.status, errors=no.errors(words))


async def _page(
    request: Request[Any, Any, Any],
    db: Db,
    me: auth.Me,
    session_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        overview = await session_results.of_session(tx, session_id)
    return render(request, "deliberations/session.html", status=status, errors=errors or {}, overview=overview)


HANDLERS = [results_page, release, annul]
