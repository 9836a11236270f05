"""Places: what a candidate can find, and why one of them is refused."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.bookings import by_rule
from scheduling.refusals import Refusal


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate looks for; an absent field asks for anything. `unit`, `trade` and `centre` are codes. `after`: the
    last place of the part before, which began at `since`."""

    text: str | None = None
    unit: str | None = None
    trade: str | None = None
    language: str | None = None
    centre: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: UUID | None = None


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


async def search(tx: asyncpg.Connection, wish: Wish, *, candidate_id: UUID | None, now: datetime) -> list[Place]:
    """Sessions that take bookings now and answer the wish, soonest first, at most `wish.limit` (100) of them.

    With a candidate, each place carries the reasons why this candidate could not book it. What is wanted is found
    first, in two small steps, so that the plan PostgreSQL keeps for all wishes stays a good one.
    """
    rows = await tx.fetch(
        """with wanted as materialized (
               select u.id from assessments.units u join assessments.trades t on t.id = u.trade_id
               where ($1::text is null or u.code = $1) and ($2::text is null or t.code = $2)
                 and ($9::text is null or (
                     select bool_and(unaccent(concat_ws(' ', u.code, u.label ->> 'fr', u.label ->> 'nl', u.label ->> 'en',
                                u.label ->> 'de', t.label ->> 'fr', t.label ->> 'nl', t.label ->> 'en', t.label ->> 'de'))
                                ilike '%' || unaccent(w) || '%')
                     from unnest(string_to_array($9, ' ')) w))),
           found as materialized (
               select s.id from scheduling.sessions s
               where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
                 and lower(s.test_time) > $8 and (lower(s.test_time), s.id) > (coalesce($5::timestamptz, $8), $11)
                 and lower(s.test_time) < coalesce($6::timestamptz, 'infinity')
                 and s.unit_id in (select id from wanted) and ($3::text is null or s.language = $3)
                 and ($4::text is null or s.centre_id = (select c.id from scheduling.centres c where c.code = $4))
               order by lower(s.test_time), s.id limit least($10, 100))
           select p.*, array(select r from scheduling.booking_refusals($7, p.session_id, $8) r
                            where $7 is not null) as rules
           from found f join scheduling.places p on p.session_id = f.id order by p.starts_at, p.session_id""",
        wish.unit,
        wish.trade,
        wish.language,
        wish.centre,
        wish.since,
        wish.until,
        candidate_id,
        now,
        wish.text,
        wish.limit,
        wish.after or UUID(int=0),
    )
    return [_place(row) for row in rows]


async def get(tx: asyncpg.Connection, session_id: UUID, *, candidate_id: UUID | None, now: datetime) -> Place | None:
    """One place, with this candidate's refusals; None when the session takes no bookings."""
    row = await tx.fetchrow(
        """select p.*, array(select r from scheduling.booking_refusals($2, p.session_id, $3) r
                            where $2 is not null) as rules
           from scheduling.places p where p.session_id = $1""",
        session_id,
        candidate_id,
        now,
    )
    return None if row is None else _place(row)


def _place(row: asyncpg.Record) -> Place:
    facts = {name: row[name] for name in Place.__struct_fields__ if name != "refusals"}
    return Place(**facts, refusals=tuple(by_rule(rule) for rule in row["rules"]))
