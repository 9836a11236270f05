"""Pieces of equipment, one row each: a CISCO pod, a roof mock-up, a forklift."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound


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


async def get(tx: asyncpg.Connection, equipment_id: UUID) -> Piece:
    """Refuses NotFound."""
    row = await tx.fetchrow("select id, centre_id, kind, name from scheduling.equipment where id = $1", equipment_id)
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
