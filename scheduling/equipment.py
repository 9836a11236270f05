"""Pieces of equipment, one row each: a CISCO pod, a roof mock-up, a forklift."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, equipment_reservations
from scheduling.equipment_refusals import EquipmentNeeded
from scheduling.refusals import NotFound

LONGEST_NAME = 80


class Piece(Struct, frozen=True):
    """A piece that its centre has; what is out of order is one, too (scheduling.outages)."""

    id: UUID
    centre_id: UUID
    kind: str
    name: str


async def add(tx: asyncpg.Connection, *, centre_id: UUID, kind: str, name: str) -> UUID:
    """Record one piece of a centre; the name within the centre stays."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.equipment (centre_id, kind, name) values ($1, $2, $3)
           on conflict (centre_id, name) do update set kind = $2 returning id""",
        centre_id,
        kind,
        name,
    )


async def acquire(tx: asyncpg.Connection, *, centre_id: UUID, kind: str, name: str) -> UUID:
    """Enter a new piece of a centre, or one of this name and kind that it had retired; return its id. Refuses EquipmentKnown."""
    back = await tx.fetchval(
        """update scheduling.equipment set retired_at = null
           where centre_id = $1 and kind = $2 and name = $3 and retired_at is not null returning id""",
        centre_id,
        kind,
        name,
    )
    return back or await tx.fetchval(  # type: ignore[no-any-return]
        "insert into scheduling.equipment (centre_id, kind, name) values ($1, $2, $3) returning id",
        centre_id,
        kind,
        name,
    )


async def retire(tx: asyncpg.Connection, equipment_id: UUID, *, now: datetime) -> None:
    """The centre has the piece no more; the tests to come that count on it take another one of its kind.

    Refuses EquipmentNeeded, whose arguments are the sessions for which there is none, soonest first; NotFound, the second
    time too. A test that has begun goes on.
    """
    # All pieces of the kind, always in the same order: two that are retired at once could each want the other one instead.
    await tx.execute(
        """select from scheduling.equipment e
           where (e.centre_id, e.kind) = (select o.centre_id, o.kind from scheduling.equipment o where o.id = $1)
           order by e.id for update""",
        equipment_id,
    )
    counting = await tx.fetch(
        """select s.id from scheduling.tests_counting_on($1, tstzrange(null, null), $2) s order by lower(s.test_time), s.id""",
        equipment_id,
        now,
    )
    stuck = []
    for row in counting:

        async def exchange(session_id: UUID = row["id"]) -> None:
            await equipment_reservations.release(tx, session_id, equipment_id, now=now)
            await equipment_reservations.reserve_what_is_needed(tx, session_id, broken=equipment_id)

        if await attempts.refusal_of(tx, exchange) is not None:
            stuck.append(row["id"])
    if stuck:
        raise EquipmentNeeded(*stuck)
    status = await tx.execute(
        "update scheduling.equipment set retired_at = $2 where id = $1 and retired_at is null", equipment_id, now
    )
    if status.endswith(" 0"):
        raise NotFound


async def get(tx: asyncpg.Connection, equipment_id: UUID) -> Piece:
    """Refuses NotFound, also of a piece that its centre has no more."""
    row = await tx.fetchrow(
        "select id, centre_id, kind, name from scheduling.equipment where id = $1 and retired_at is null", equipment_id
    )
    if row is None:
        raise NotFound
    return Piece(**row)


async def of_centre(tx: asyncpg.Connection, centre_id: UUID) -> list[Piece]:
    """What a centre has, out of order or not, by kind and name; "Pod 2" before "Pod 10"."""
    rows = await tx.fetch(
        """select id, centre_id, kind, name from scheduling.equipment where centre_id = $1 and retired_at is null
           order by kind, regexp_replace(name, '[0-9]+$', ''), length(name), name""",
        centre_id,
    )
    return [Piece(**row) for row in rows]
