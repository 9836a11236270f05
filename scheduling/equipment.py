"""Pieces of equipment, one row each: a CISCO pod, a roof mock-up, a forklift."""

from uuid import UUID

import asyncpg


async def add(tx: asyncpg.Connection, *, centre_id: UUID, kind: str, name: str) -> UUID:
    """Record one piece of a centre; the name within the centre stays."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.equipment (centre_id, kind, name) values ($1, $2, $3)
           on conflict (centre_id, name) do update set kind = $2 returning id""",
        centre_id,
        kind,
        name,
    )
