"""How long the way between two sites is, door to door."""

from uuid import UUID

import asyncpg


async def put(tx: asyncpg.Connection, one_site: UUID, other_site: UUID, *, minutes: int) -> None:
    """Record the way between two different sites, 1 to 600 minutes, the same in both directions."""
    await tx.execute(
        """insert into scheduling.travel_times (one_site, other_site, minutes)
           values (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid), $3)
           on conflict (one_site, other_site) do update set minutes = $3""",
        one_site,
        other_site,
        minutes,
    )
