"""Closures: when a centre or one of its rooms is closed, looked at before it is written, and taken back."""

from typing import Annotated
from uuid import UUID

import asyncpg
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import centres, closures, rooms
from scheduling.refusals import SessionsInClosure
from service import auth, planners, reach
from service.api.described import refusals
from service.api.fields import Moment, refuse_unlikely
from service.provide import Db, Now
from service.refusals import NotFound

TAGS = ["closures"]


class Closing(Struct, frozen=True, forbid_unknown_fields=True):
    """`room_id` left out: the whole centre. `reason` is read by whoever plans, and by candidates whose test is cancelled."""

    starts_at: Moment
    ends_at: Moment
    reason: Annotated[str, Meta(min_length=1, max_length=closures.LONGEST_REASON, pattern=r"\S")]
    room_id: UUID | None = None

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)
        refuse_unlikely(self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError("the end comes after the beginning")


@get(
    "/centres/{centre_id:uuid}/closures",
    tags=TAGS,
    guards=[auth.may("closures", "list")],
    responses=refusals(codes=(401, 403, 404)),
)
async def of_centre(centre_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> list[closures.Closure]:
    """What of the centre is closed from now on, soonest first; `planned` tests lie in it all the same."""
    reach.runs_centre(me, centre_id)
    async with db.read() as tx:
        await centres.get(tx, centre_id)
        return await closures.of_centre(tx, centre_id, since=now, now=now)


@post(
    "/centres/{centre_id:uuid}/closures/preview",
    tags=TAGS,
    guards=[auth.may("closures", "close")],
    responses=refusals(),
    status_code=200,
)
async def preview(
    centre_id: FromPath[UUID], data: JSONBody[Closing], me: auth.Me, db: Db, now: Now
) -> list[planners.Meeting]:
    """The tests to come that it would meet; nothing is written."""
    reach.runs_centre(me, centre_id)
    async with db.read() as tx:
        await _knows(tx, centre_id, data.room_id)
        found = await closures.met(
            tx, centre_id=centre_id, room_id=data.room_id, starts_at=data.starts_at, ends_at=data.ends_at, now=now
        )
        return await planners.met(tx, found)


@post(
    "/centres/{centre_id:uuid}/closures",
    tags=TAGS,
    guards=[auth.may("closures", "close")],
    responses=refusals(SessionsInClosure),
)
async def close(
    centre_id: FromPath[UUID], data: JSONBody[Closing], me: auth.Me, db: Db, now: Now
) -> Response[closures.Closure]:
    """Close the centre or a room. Where tests lie in it, they are repaired first: that closes it, too."""
    reach.runs_centre(me, centre_id)
    async with db.transaction() as tx:
        await _knows(tx, centre_id, data.room_id)
        closure_id = await closures.close(
            tx,
            centre_id=centre_id,
            room_id=data.room_id,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            reason=data.reason.strip(),
            by=me.id,
            now=now,
        )
        found = await closures.of_centre(tx, centre_id, since=data.starts_at, now=now)
    return Response(next(one for one in found if one.id == closure_id), status_code=201)


@delete(
    "/closures/{closure_id:uuid}",
    tags=TAGS,
    guards=[auth.may("closures", "reopen")],
    responses=refusals(codes=(401, 403, 404)),
)
async def reopen(closure_id: FromPath[UUID], me: auth.Me, db: Db) -> None:
    """Take it back, a public holiday too. What was repaired because of it stays as it is."""
    async with db.transaction() as tx:
        await reach.runs_closure(tx, me, closure_id)
        await closures.reopen(tx, closure_id)


async def _knows(tx: asyncpg.Connection, centre_id: UUID, room_id: UUID | None) -> None:
    """There is such a centre, with this room. Refuses NotFound."""
    await centres.get(tx, centre_id)
    if room_id is not None and (await rooms.get(tx, room_id)).centre_id != centre_id:
        raise NotFound


HANDLERS = [of_centre, preview, close, reopen]
