"""Equipment out of order: from when until when, or until somebody says that it is back."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.closures import Met
from scheduling.refusals import NotFound


class Outage(Struct, frozen=True):
    """`ends_at` None: nobody knows yet. `planned`: how many tests to come count on the piece all the same."""

    id: UUID
    equipment_id: UUID
    kind: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    entered_at: datetime
    planned: int = 0


async def hold(tx: asyncpg.Connection, equipment_id: UUID) -> None:
    """Let nobody plan with the piece until the transaction ends; wait for those who are planning. Refuses NotFound, also of a
    piece that its centre has no more."""
    held = await tx.fetchrow("select retired_at from scheduling.equipment where id = $1 for update", equipment_id)
    if held is None or held["retired_at"] is not None:
        raise NotFound


async def enter(
    tx: asyncpg.Connection,
    *,
    equipment_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Say that a piece is out of order: no test gets it meanwhile. Return the outage's id.

    What is known of the piece for that time is replaced, its beginning kept: the last word counts. Refuses NotFound, and
    EquipmentCountedOn while tests to come count on it: they are mended first (scheduling.repairs), which enters it, too.
    A test that has begun goes on. Who is planning with the piece meanwhile is waited for, and seen.
    """
    await hold(tx, equipment_id)  # two of the same wait for each other here
    known = await tx.fetch(
        """select o.id, lower(o.during) as starts_at from scheduling.outages o
           where o.equipment_id = $1 and o.back_at is null and o.during && tstzrange($2, $3) order by o.during""",
        equipment_id,
        starts_at,
        ends_at,
    )
    for one in known[1:]:
        await put_back(tx, one["id"], by=by, now=now)
    if known:
        await tx.execute(
            """update scheduling.outages set during = tstzrange($2, $3), reason = $4, entered_at = $5, entered_by = $6
               where id = $1""",
            known[0]["id"],
            min(starts_at, known[0]["starts_at"]),
            ends_at,
            reason,
            now,
            by,
        )
        return known[0]["id"]  # type: ignore[no-any-return]
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.outages (equipment_id, during, reason, entered_at, entered_by)
           values ($1, tstzrange($2, $3), $4, $5, $6) returning id""",
        equipment_id,
        starts_at,
        ends_at,
        reason,
        now,
        by,
    )


async def met(
    tx: asyncpg.Connection, *, equipment_id: UUID, starts_at: datetime, ends_at: datetime | None, now: datetime
) -> list[Met]:
    """The tests to come that count on the piece in that time, soonest first: what `enter` refuses over."""
    rows = await tx.fetch(
        """select s.id as session_id, count(b.id) as booked,
                  count(b.id) filter (where b.confirmed_at is null) as held
           from scheduling.tests_counting_on($1, tstzrange($2, $3), $4) s
           left join scheduling.bookings b on b.session_id = s.id and b.released_at is null
                and (b.confirmed_at is not null or b.held_until > $4)
           group by s.id, s.test_time order by lower(s.test_time), s.id""",
        equipment_id,
        starts_at,
        ends_at,
        now,
    )
    return [Met(**row) for row in rows]


async def put_back(tx: asyncpg.Connection, outage_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The piece is in order again: tests can count on it. Refuses NotFound, the second time too."""
    status = await tx.execute(
        "update scheduling.outages set back_at = $2, back_by = $3 where id = $1 and back_at is null",
        outage_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotFound


async def centre_of(tx: asyncpg.Connection, outage_id: UUID) -> UUID:
    """Whose piece it is about. Refuses NotFound."""
    found = await tx.fetchval(
        """select e.centre_id from scheduling.outages o join scheduling.equipment e on e.id = o.equipment_id
           where o.id = $1""",
        outage_id,
    )
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


async def of_centre(tx: asyncpg.Connection, centre_id: UUID, *, now: datetime) -> list[Outage]:
    """What is out of order in a centre, or will be; soonest first. What came back or is over is not in it."""
    rows = await tx.fetch(
        """select o.id, o.equipment_id, e.kind, e.name, lower(o.during) as starts_at, upper(o.during) as ends_at,
                  o.reason, o.entered_at,
                  (select count(*) from scheduling.tests_counting_on(o.equipment_id, o.during, $2)) as planned
           from scheduling.equipment e join scheduling.outages o on o.equipment_id = e.id
           where e.centre_id = $1 and e.retired_at is null and o.back_at is null
             and (upper_inf(o.during) or upper(o.during) > $2)
           order by o.during, e.name""",
        centre_id,
        now,
    )
    return [Outage(**row) for row in rows]
