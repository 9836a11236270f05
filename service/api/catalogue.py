"""The catalogue: trades, units and the standard in force; public. And the rooms a planner chooses from."""

from contextlib import suppress
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from assessments import standards, trades, units
from assessments.refusals import NotFound
from scheduling import centres, rooms
from service import auth, reach
from service.api.described import refusals
from service.provide import Db, Now

TAGS = ["catalogue"]


class UnitLine(Struct, frozen=True):
    code: str
    label: dict[str, str]


class Trade(Struct, frozen=True):
    """A trade with its units; `rome`, `isco` and `esco` are its codes in those classifications."""

    code: str
    label: dict[str, str]
    scheme: str
    centre_code: str
    rome: str
    isco: str
    esco: UUID
    units: list[UnitLine]


class Unit(Struct, frozen=True):
    """A unit with the standard by which it is tested today; null when none is published."""

    code: str
    label: dict[str, str]
    trade_code: str
    scheme: str
    version: int | None
    standard: standards.Content | None


@get("/trades", guards=[auth.may("places", "catalogue")], tags=TAGS, security=[{}])
async def every_trade(db: Db) -> list[Trade]:
    """All trades and their units, by code."""
    async with db.read() as tx:
        of_trade: dict[UUID, list[UnitLine]] = {}
        for unit in await units.every(tx):
            of_trade.setdefault(unit.trade_id, []).append(UnitLine(unit.code, unit.label))
        return [_trade(trade, of_trade.get(trade.id, [])) for trade in await trades.every(tx)]


def _trade(trade: trades.Trade, of_trade: list[UnitLine]) -> Trade:
    return Trade(trade.code, trade.label, trade.scheme, trade.centre_code, trade.rome, trade.isco, trade.esco, of_trade)


@get(
    "/units/{code:str}",
    guards=[auth.may("places", "catalogue")],
    tags=TAGS,
    security=[{}],
    responses=refusals(codes=(404,)),
)
async def one_unit(code: FromPath[str], db: Db, now: Now) -> Unit:
    """A unit, with the task, the conditions and the evaluation grid of its standard in force."""
    async with db.read() as tx:
        unit = await units.get(tx, code)
        standard = None
        with suppress(NotFound):
            standard = await standards.in_force(tx, unit.id, now)
    version, content = (standard.version, standard.content) if standard else (None, None)
    return Unit(unit.code, unit.label, unit.trade_code, unit.scheme, version, content)


@get("/centres", guards=[auth.may("places", "catalogue")], tags=TAGS, security=[{}])
async def every_centre(db: Db) -> list[centres.Centre]:
    """The centres, by name."""
    async with db.read() as tx:
        return await centres.every(tx)


@get(
    "/centres/{centre_id:uuid}/rooms",
    tags=TAGS,
    guards=[auth.may("catalogue", "rooms")],
    responses=refusals(codes=(401, 403, 404)),
)
async def rooms_of_centre(centre_id: FromPath[UUID], me: auth.Me, db: Db) -> list[rooms.Room]:
    """The rooms in use of my centre, by site and name."""
    reach.runs_centre(me, centre_id)
    async with db.read() as tx:
        await centres.get(tx, centre_id)
        return await rooms.of_centre(tx, centre_id)


HANDLERS = [every_trade, one_unit, every_centre, rooms_of_centre]
