"""Equipment: what a centre has, enters and retires; what is out of order (looked at first), and when it is back."""

from typing import Annotated
from uuid import UUID

import asyncpg
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import centres, closures, equipment, outages
from scheduling.equipment_refusals import EquipmentCountedOn, EquipmentKnown, EquipmentNeeded
from service import auth, desk, planners, reach
from service.api.described import refusals
from service.api.fields import Moment, refuse_unlikely
from service.provide import Db, Now
from service.refusals import NotFound

TAGS = ["equipment"]


class Piece(Struct, frozen=True):
    """A piece of a centre, with what is known of it being out of order from now on."""

    id: UUID
    kind: str
    name: str
    outages: list[outages.Outage]


class NewPiece(Struct, frozen=True, forbid_unknown_fields=True):
    """`kind`: a code of the catalogue's equipment. `name`: what is written on the piece, an inventory number for example."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(min_length=1, max_length=equipment.LONGEST_NAME, pattern=r"\S")]

    def __post_init__(self) -> None:
        if self.kind not in desk.equipment_kinds():
            raise ValueError("no such kind of equipment")


class Failing(Struct, frozen=True, forbid_unknown_fields=True):
    """`ends_at` left out: nobody knows yet. `reason` is read by whoever plans, and by candidates whose test is cancelled."""

    equipment_id: UUID
    starts_at: Moment
    reason: Annotated[str, Meta(min_length=1, max_length=closures.LONGEST_REASON, pattern=r"\S")]
    ends_at: Moment | None = None

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)
        if self.ends_at is not None:
            refuse_unlikely(self.ends_at)
            if self.ends_at <= self.starts_at:
                raise ValueError("the end comes after the beginning")


@get(
    "/centres/{centre_id:uuid}/equipment",
    tags=TAGS,
    guards=[auth.may("equipment", "list")],
    responses=refusals(codes=(401, 403, 404)),
)
async def of_centre(centre_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> list[Piece]:
    """All that the centre has, by kind and name; `planned` tests count on a piece that is out of order all the same."""
    reach.runs_centre(me, centre_id)
    async with db.read() as tx:
        await centres.get(tx, centre_id)
        found = await outages.of_centre(tx, centre_id, now=now)
        pieces = await equipment.of_centre(tx, centre_id)
    return [Piece(one.id, one.kind, one.name, [out for out in found if out.equipment_id == one.id]) for one in pieces]


@post(
    "/centres/{centre_id:uuid}/equipment",
    tags=TAGS,
    guards=[auth.may("equipment", "add")],
    responses=refusals(EquipmentKnown),
)
async def add(centre_id: FromPath[UUID], data: JSONBody[NewPiece], me: auth.Me, db: Db) -> Response[Piece]:
    """Enter a piece: tests can be planned with it at once. One that was retired comes back under its name and kind."""
    reach.runs_centre(me, centre_id)
    name = data.name.strip()
    async with db.transaction() as tx:
        await centres.get(tx, centre_id)
        made = await equipment.acquire(tx, centre_id=centre_id, kind=data.kind, name=name)
    return Response(Piece(made, data.kind, name, []), status_code=201)


@post(
    "/equipment/{equipment_id:uuid}/retirement",
    tags=TAGS,
    guards=[auth.may("equipment", "retire")],
    responses=refusals(EquipmentNeeded),
    status_code=204,
)
async def retire(equipment_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """The centre has it no more: tests to come take another piece of its kind, or it is refused."""
    async with db.transaction() as tx:
        await reach.runs_piece(tx, me, equipment_id)
        await equipment.retire(tx, equipment_id, now=now)


@post(
    "/centres/{centre_id:uuid}/outages/preview",
    tags=TAGS,
    guards=[auth.may("equipment", "fail")],
    responses=refusals(),
    status_code=200,
)
async def preview(
    centre_id: FromPath[UUID], data: JSONBody[Failing], me: auth.Me, db: Db, now: Now
) -> list[planners.Meeting]:
    """The tests to come that count on the piece in that time; nothing is written."""
    reach.runs_centre(me, centre_id)
    async with db.read() as tx:
        await _knows(tx, centre_id, data.equipment_id)
        found = await outages.met(
            tx, equipment_id=data.equipment_id, starts_at=data.starts_at, ends_at=data.ends_at, now=now
        )
        return await planners.met(tx, found)


@post(
    "/centres/{centre_id:uuid}/outages",
    tags=TAGS,
    guards=[auth.may("equipment", "fail")],
    responses=refusals(EquipmentCountedOn),
)
async def enter(
    centre_id: FromPath[UUID], data: JSONBody[Failing], me: auth.Me, db: Db, now: Now
) -> Response[outages.Outage]:
    """Say that a piece is out of order; what was known for that time is replaced. Where tests count on it, they are repaired
    first: that enters it, too."""
    reach.runs_centre(me, centre_id)
    async with db.transaction() as tx:
        await _knows(tx, centre_id, data.equipment_id)
        made = await outages.enter(
            tx,
            equipment_id=data.equipment_id,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            reason=data.reason.strip(),
            by=me.id,
            now=now,
        )
        found = await outages.of_centre(tx, centre_id, now=data.starts_at)
    return Response(next(one for one in found if one.id == made), status_code=201)


@post(
    "/outages/{outage_id:uuid}/return",
    tags=TAGS,
    guards=[auth.may("equipment", "return")],
    responses=refusals(codes=(401, 403, 404)),
    status_code=204,
)
async def put_back(outage_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """It is in order again: tests can count on it."""
    async with db.transaction() as tx:
        await reach.runs_outage(tx, me, outage_id)
        await outages.put_back(tx, outage_id, by=me.id, now=now)


async def _knows(tx: asyncpg.Connection, centre_id: UUID, equipment_id: UUID) -> None:
    """There is such a centre, and it has this piece. Refuses NotFound."""
    await centres.get(tx, centre_id)
    if (await equipment.get(tx, equipment_id)).centre_id != centre_id:
        raise NotFound


HANDLERS = [of_centre, add, retire, preview, enter, put_back]
