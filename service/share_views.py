"""The log of shared addresses: when each was read. The candidate reads it; who read is not recorded."""

from datetime import datetime
from uuid import UUID

import asyncpg


async def note(tx: asyncpg.Connection, link_id: UUID, *, now: datetime) -> None:
    """The address was read, in the transaction that reads."""
    await tx.execute("insert into service.share_views (link_id, seen_at) values ($1, $2)", link_id, now)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` views seen before; return how many."""
    status = await tx.execute(
        """delete from service.share_views where id in (
               select id from service.share_views where seen_at < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
