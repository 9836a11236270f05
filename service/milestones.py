"""What is done once in the life of an installation: the catalogue imported, the demonstration seeded."""

from datetime import datetime

import asyncpg


async def reach(tx: asyncpg.Connection, name: str, *, now: datetime) -> bool:
    """Record that it is done, in the transaction that does it; False when it was done before.

    Of two processes at once the second waits for the first, and then is told False.
    """
    status = await tx.execute(
        "insert into service.milestones (name, reached_at) values ($1, $2) on conflict (name) do nothing", name, now
    )
    return bool(status == "INSERT 0 1")
