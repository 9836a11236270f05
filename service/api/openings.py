"""Openings: places that are announced, asked for, and drawn in a way that anybody can check."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from scheduling import asks, openings
from scheduling.refusals import (
    AccreditationMissing,
    DrawTooLate,
    NotInThatState,
    OpeningAnnounced,
    OpeningOver,
    SeatsExceedCapacity,
)
from service import auth, draws, reach
from service.api.described import refusals
from service.api.fields import Limit, Moment, refuse_unlikely
from service.provide import Db, Now
from service.settings import secret

TAGS = ["openings"]


class Announcement(Struct, frozen=True, forbid_unknown_fields=True):
    """A draft that could be opened today, and when its places are drawn."""

    session_id: UUID
    draws_at: Moment

    def __post_init__(self) -> None:
        refuse_unlikely(self.draws_at)


class Drawn(Struct, frozen=True):
    """An ask in the order of the draw. Nobody's name: whoever asked knows their own id."""

    id: UUID
    outcome: Literal["placed", "fell_out", "no_place_left"]


class Opening(Struct, frozen=True):
    """`seed_hash` is known from the beginning; `seed` and `asks` once it was drawn. Both in hexadecimal."""

    id: UUID
    session_id: UUID
    state: openings.State
    draws_at: datetime
    seed_hash: str
    seed: str | None
    asks: list[Drawn]


class MyAsk(Struct, frozen=True):
    """Keep `id`: with it you find yourself in the draw."""

    id: UUID
    opening_id: UUID
    asked_at: datetime
    outcome: asks.Outcome
    booking_id: UUID | None


def shown(opening: openings.Opening, asked: list[asks.Ask]) -> Opening:
    """What everybody may know of an opening."""
    drawn = [Drawn(ask.id, ask.outcome) for ask in asked if ask.outcome not in ("asked", "withdrawn")]  # type: ignore[arg-type]
    return Opening(
        opening.id,
        opening.session_id,
        opening.state,
        opening.draws_at,
        opening.seed_hash.hex(),
        opening.seed.hex() if opening.seed else None,
        drawn,
    )


@post(
    "/openings",
    tags=TAGS,
    guards=[auth.may("openings", "announce")],
    responses=refusals(DrawTooLate, NotInThatState, OpeningAnnounced, AccreditationMissing, SeatsExceedCapacity),
)
async def announce(data: JSONBody[Announcement], me: auth.Me, db: Db, now: Now, state: State) -> Response[Opening]:
    """Announce that the places of a draft are drawn at a moment; until then candidates ask for one."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, data.session_id)
        opening_id = await draws.announce(
            tx, data.session_id, me, draws_at=data.draws_at, key=secret(state.settings), now=now
        )
        announced = shown(await openings.get(tx, opening_id), [])
    return Response(announced, status_code=201, headers={"Location": f"/api/v1/openings/{opening_id}"})


@get("/openings", tags=TAGS, guards=[auth.may("openings", "read")], security=[{}], responses=refusals(codes=(422,)))
async def coming(db: Db, now: Now, limit: Limit = 50) -> list[Opening]:
    """Openings that take asks, the next draw first."""
    async with db.read() as tx:
        return [shown(opening, []) for opening in await openings.coming(tx, now=now, limit=limit)]


@get(
    "/openings/{opening_id:uuid}",
    tags=TAGS,
    guards=[auth.may("openings", "read")],
    security=[{}],
    responses=refusals(codes=(404,)),
)
async def one(opening_id: FromPath[UUID], db: Db) -> Opening:
    """An opening; once drawn, with everything that it takes to check the draw."""
    async with db.read() as tx:
        return shown(await openings.get(tx, opening_id), await asks.of_opening(tx, opening_id))


@put(
    "/openings/{opening_id:uuid}/ask", tags=TAGS, guards=[auth.may("openings", "ask")], responses=refusals(OpeningOver)
)
async def ask(opening_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> MyAsk:
    """Ask for a place, once; when within the window makes no difference. Twice is once."""
    async with db.transaction() as tx:
        await openings.get(tx, opening_id)
        return _mine(await asks.ask(tx, opening_id, auth.own(me.candidate_id), now=now))


@delete(
    "/openings/{opening_id:uuid}/ask",
    tags=TAGS,
    guards=[auth.may("openings", "ask")],
    responses=refusals(OpeningOver, codes=(401, 403, 404)),
)
async def take_back(opening_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """Take my ask back before the draw. Twice is once."""
    async with db.transaction() as tx:
        await openings.get(tx, opening_id)
        await asks.withdraw(tx, opening_id, auth.own(me.candidate_id), now=now)


@post(
    "/openings/{opening_id:uuid}/cancellation",
    tags=TAGS,
    guards=[auth.may("openings", "call_off")],
    responses=refusals(NotInThatState, codes=(401, 403, 404)),
)
async def call_off(opening_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Opening:
    """Call the draw off; who asked is told, and the session is a draft as before."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, (await openings.get(tx, opening_id)).session_id)
        await openings.call_off(tx, opening_id, by=me.id, now=now)
        return shown(await openings.get(tx, opening_id), [])


def _mine(mine: asks.Ask) -> MyAsk:
    return MyAsk(mine.id, mine.opening_id, mine.asked_at, mine.outcome, mine.booking_id)


HANDLERS = [announce, coming, one, ask, take_back, call_off]
