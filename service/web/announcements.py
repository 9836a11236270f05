"""The centre's side of a draw: announced instead of opening a session at once, or called off."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from scheduling import openings
from scheduling.refusals import DrawTooLate
from service import agenda, auth, draws, reach, wall_clock
from service.provide import Db, Now, Words
from service.settings import secret
from service.web.declined import Declined
from service.web.look import render

Short = Annotated[str, Meta(max_length=60)]
FIELDS: dict[type[Exception], str] = {DrawTooLate: "day"}


class Moment(Struct, frozen=True, forbid_unknown_fields=True):
    """When the places are drawn, by the clock in Brussels."""

    day: Short = ""
    at: Short = ""
    which: Short = ""


@get(
    "/centre/sessions/{session_id:uuid}/announcement",
    include_in_schema=False,
    guards=[auth.may("openings", "announce")],
)
async def page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """What a draw is, and its moment; or the draw that is announced."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        return await _page(tx, session_id, request, Moment(), now)


@post(
    "/centre/sessions/{session_id:uuid}/announcement",
    include_in_schema=False,
    guards=[auth.may("openings", "announce")],
)
async def announce(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Moment],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """Announce the draw, or say what stands in its way."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    moment = wall_clock.asked(data, words, now=now)
    if isinstance(moment, dict):
        async with db.read() as tx:
            return await _page(tx, session_id, request, data, now, status=422, errors=moment)
    with Declined() as no:
        async with db.transaction() as tx:
            key = secret(state.settings)
            opening_id = await draws.announce(tx, session_id, me, draws_at=moment, key=key, now=now)
    if no.refusal is None:
        return Redirect(f"/openings/{opening_id}", status_code=303)
    async with db.read() as tx:
        return await _page(tx, session_id, request, data, now, status=no.status, errors=no.errors(words, FIELDS))


@post(
    "/centre/sessions/{session_id:uuid}/announcement/cancellation",
    include_in_schema=False,
    guards=[auth.may("openings", "call_off")],
)
async def call_off(
    session_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """There will be no draw; who asked is told."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            opening = await openings.of_session(tx, session_id)
            if opening is not None:
                await openings.call_off(tx, opening.id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    async with db.read() as tx:
        return await _page(tx, session_id, request, Moment(), now, status=no.status, errors=no.errors(words))


async def _page(
    tx: asyncpg.Connection,
    session_id: UUID,
    request: Request[Any, Any, Any],
    form: Moment,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    line = await agenda.session(tx, session_id)
    return render(
        request,
        "centre/announcement.html",
        status=status,
        errors=errors or {},
        line=line,
        late=line.is_due(now),
        opening=await openings.of_session(tx, session_id),
        form=structs.asdict(form),
    )


HANDLERS = [page, announce, call_off]
