"""Pieces of equipment, one row each: a CISCO pod, a roof mock-up, a forklift."""

from datetime import datetime
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


async def retire(tx: asyncpg.Connection, equipment_id: UUID, *, now: datetime) -> None:
    """Take a piece out of use: no session gets it any more. Doing it twice changes nothing."""
    await tx.execute(
        "update scheduling.equipment set retired_at = coalesce(retired_at, $2) where id = $1", equipment_id, now
    )


async def use_again(tx: asyncpg.Connection, equipment_id: UUID) -> None:
    """Put a piece back into use."""
    await tx.execute("update scheduling.equipment set retired_at = null where id = $1", equipment_id)
