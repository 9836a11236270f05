"""Places: what a candidate can find, and why one of them is refused."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct, structs

from scheduling import communes
from scheduling.bookings import by_rule
from scheduling.refusals import Refusal
from scheduling.surroundings import Known, Surroundings

Half = Literal["morning", "afternoon"]
AS_NEAR = 0.8  # of the unit that comes nearest to the words: what is farther off is shown no more


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate looks for; an absent field asks for anything. `unit`, `trade` and `centre` are codes.

    `text`: words of a unit or trade, in four languages, with slips of the pen. `weekdays`: 1 is Monday. `half`: a morning
    is over by one o'clock, an afternoon begins at noon or later. `near`: a postcode, with `within` kilometres of it.
    """

    text: str | None = None
    unit: str | None = None
    trade: str | None = None
    language: str | None = None
    centre: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    weekdays: tuple[int, ...] = ()
    half: Half | None = None
    accessible: bool = False
    free: bool = False
    near: str | None = None
    within: int | None = None
    nearest_first: bool = False
    limit: int = 50
    skip: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether it asks for nothing but a time: most do."""
        return self == Wish(since=self.since, until=self.until, limit=self.limit, skip=self.skip)


class Place(Struct, frozen=True):
    """A session that takes bookings, as a candidate reads it; `refusals` are this candidate's own, nearest first."""

    session_id: UUID
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    scheme: str
    language: str
    starts_at: datetime
    ends_at: datetime
    centre_code: str
    centre_name: str
    room_name: str
    street: str
    postcode: str
    municipality: str
    accessible: bool
    seats: int
    free: int
    refusals: tuple[type[Refusal], ...] = ()


class Day(Struct, frozen=True):
    """A day in Brussels with what answers a wish on it: sessions, and the free places in them."""

    day: date
    sessions: int
    free: int


class _Sought(Struct, frozen=True):
    """A wish in ids: units with how far each is from the words (0: none is nearer), and the postcodes near enough."""

    units: list[UUID] | None
    ranks: list[int] | None
    centre: UUID | None
    postcodes: list[str] | None


async def search(
    tx: asyncpg.Connection, wish: Wish, *, candidate_id: UUID | None, now: datetime, known: Known | None = None
) -> list[Place]:
    """Sessions that take bookings now and answer the wish, at most `wish.limit` (101) of them, after `wish.skip`.

    Soonest first; with words, what comes nearest to them before; with `nearest_first`, by distance before the date. With
    a candidate, each place carries the reasons why this candidate could not book it.
    """
    rows = await found(tx, wish, candidate_id=candidate_id, now=now)
    if not rows:
        return []
    around = await (known or Known()).at(tx, rows[0]["version"])
    return [_placed(row, around) for row in rows if row["unit_id"] in around.units and row["room_id"] in around.rooms]


async def found(
    tx: asyncpg.Connection, wish: Wish, *, candidate_id: UUID | None, now: datetime
) -> list[asyncpg.Record]:
    """What `search` finds, without what surrounds a session: id, unit_id, room_id, language, starts_at, ends_at, seats,
    free, the rules that stand in the candidate's way, the surroundings' version."""
    if wish.is_plain:
        return await _next_ones(tx, wish, candidate_id, now)
    sought = await _sought(tx, wish)
    by_nearness = sought.ranks or wish.nearest_first
    return await (_closest_first if by_nearness else _soonest_first)(tx, wish, sought, candidate_id, now)


async def _next_ones(
    tx: asyncpg.Connection, wish: Wish, candidate_id: UUID | None, now: datetime
) -> list[asyncpg.Record]:
    """Without filters one plan serves all, and is kept: scheduling.wanted is planned anew for each wish."""
    return await tx.fetch(
        """select id, unit_id, room_id, language, starts_at, ends_at, seats, free, rules, version
           from scheduling.next_places($1, $2, $3, $4, $5, $6)""",
        now,
        wish.since,
        wish.until,
        candidate_id,
        wish.limit,
        wish.skip,
    )


async def _soonest_first(
    tx: asyncpg.Connection, wish: Wish, sought: _Sought, candidate_id: UUID | None, now: datetime
) -> list[asyncpg.Record]:
    """What is wanted is found first, in a step of its own, so that the plan PostgreSQL keeps for all wishes stays good."""
    return await tx.fetch(
        """with found as materialized (
               select w.id, w.unit_id, w.room_id, w.language, w.starts_at, w.ends_at, w.seats, w.free
               from scheduling.wanted($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, least($13, 101) + $14) w
               order by w.starts_at, w.id offset $14)
           select f.*, n.rules, (select v.version from scheduling.surroundings_version v) as version
           from found f left join scheduling.refusals_of($12, array(select id from found), $1) n on n.session_id = f.id
           order by f.starts_at, f.id""",
        *_asked(wish, sought, now),
        candidate_id,
        wish.limit,
        wish.skip,
    )


async def _closest_first(
    tx: asyncpg.Connection, wish: Wish, sought: _Sought, candidate_id: UUID | None, now: datetime
) -> list[asyncpg.Record]:
    return await tx.fetch(
        """with found as materialized (
               select w.id, w.unit_id, w.room_id, w.language, w.starts_at, w.ends_at, w.seats, w.free,
                      row_number() over (order by (coalesce($15::int[], '{}'))[array_position($2, w.unit_id)],
                          array_position($16::text[], w.postcode), w.starts_at, w.id) as position
               from scheduling.wanted($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) w
               order by position limit least($13, 101) offset $14)
           select f.*, n.rules, (select v.version from scheduling.surroundings_version v) as version
           from found f left join scheduling.refusals_of($12, array(select id from found), $1) n on n.session_id = f.id
           order by f.position""",
        *_asked(wish, sought, now),
        candidate_id,
        wish.limit,
        wish.skip,
        sought.ranks,
        [*communes.around(wish.near, None)] if wish.near and wish.nearest_first else None,
    )


async def by_day(tx: asyncpg.Connection, wish: Wish, *, now: datetime) -> list[Day]:
    """What answers the wish, counted by day; days without anything are left out."""
    rows = await tx.fetch(
        """select service.day(w.starts_at) as day, count(*) as sessions, sum(w.free)::int as free
           from scheduling.wanted($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) w group by 1 order by 1""",
        *_asked(wish, await _sought(tx, wish), now),
    )
    return [Day(**row) for row in rows]


async def count(tx: asyncpg.Connection, wish: Wish, *, now: datetime) -> int:
    """How many sessions answer the wish."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select count(*) from scheduling.wanted($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *_asked(wish, await _sought(tx, wish), now),
    )


async def get(tx: asyncpg.Connection, session_id: UUID, *, candidate_id: UUID | None, now: datetime) -> Place | None:
    """One place, with this candidate's refusals; None when the session takes no bookings."""
    row = await tx.fetchrow(
        """select p.*, case when $2::uuid is not null then
                            array(select r from scheduling.booking_refusals($2, p.session_id, $3) r) end as rules
           from scheduling.places p where p.session_id = $1""",
        session_id,
        candidate_id,
        now,
    )
    return None if row is None else _place(row)


async def units_of(tx: asyncpg.Connection, wish: Wish) -> dict[UUID, int] | None:
    """The units that a wish is about, with how far each is from its words (0: none is nearer); None: about any. A code
    means itself: whoever types one is shown nothing that only looks like it."""
    if wish.unit is None and wish.trade is None and wish.text is None:
        return None
    rows = await tx.fetch(
        """select u.id, case when $3::text is null then 1
                             when btrim(assessments.folded($3)) in (assessments.folded(u.code), assessments.folded(t.code))
                                 then 2
                             else coalesce(m.near, 0) end as near
           from assessments.units u
           join assessments.trades t on t.id = u.trade_id
           left join assessments.units_meant($3) m on m.unit_id = u.id
           where ($1::text is null or u.code = $1) and ($2::text is null or t.code = $2)""",
        wish.unit,
        wish.trade,
        wish.text,
    )
    nearest = max((row["near"] for row in rows), default=0)
    near = {row["id"]: row["near"] for row in rows if row["near"] and row["near"] >= AS_NEAR * nearest}
    order = sorted({round(value, 1) for value in near.values()}, reverse=True)
    return {unit: order.index(round(value, 1)) for unit, value in near.items()}


async def _sought(tx: asyncpg.Connection, wish: Wish) -> _Sought:
    units = await units_of(tx, wish)
    centre = None
    if wish.centre is not None:
        centre = await tx.fetchval("select id from scheduling.centres where code = $1", wish.centre) or UUID(int=0)
    return _Sought(
        None if units is None else [*units],
        [*units.values()] if units and any(units.values()) else None,
        centre,
        [*communes.around(wish.near, wish.within)] if wish.near and wish.within else None,
    )


def _asked(wish: Wish, sought: _Sought, now: datetime) -> tuple[Any, ...]:
    """What scheduling.wanted asks for. Begun sessions are found by nobody, whatever `since` says."""
    return (
        now,
        sought.units,
        wish.language,
        sought.centre,
        wish.since,
        wish.until,
        [*wish.weekdays] or None,
        wish.half,
        wish.accessible,
        wish.free,
        sought.postcodes,
    )


def _placed(row: asyncpg.Record, around: Surroundings) -> Place:
    unit, room = around.units[row["unit_id"]], around.rooms[row["room_id"]]
    return Place(
        session_id=row["id"],
        **structs.asdict(unit),
        language=row["language"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        **structs.asdict(room),
        seats=row["seats"],
        free=row["free"],
        refusals=tuple(by_rule(rule) for rule in row["rules"] or ()),
    )


def _place(row: asyncpg.Record) -> Place:
    """The view's columns are the fields in their order."""
    fields: list[Any] = [*row.values()]
    fields[2], fields[3] = _label(fields[2]), _label(fields[3])
    fields[-1] = tuple(by_rule(rule) for rule in fields[-1] or ())
    return Place(*fields)


@lru_cache(maxsize=1024)
def _label(text: str) -> dict[str, str]:
    """A list of fifty says the same few labels: each is read once."""
    return msgspec.json.decode(text, type=dict[str, str])
