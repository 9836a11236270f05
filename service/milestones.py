"""What is done once in the life of an installation: the catalogue imported, the demonstration seeded."""

from datetime import datetime

import asyncpg

SEEDED, CATALOGUE = "seeded", "catalogue"


async def reach(tx: asyncpg.Connection, name: str, *, now: datetime) -> bool:
    """Record that it is done, in the transaction that does it; False when it was done before.

    Of two processes at once the second waits for the first, and then is told False.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtext('milestone ' || $1))", name)
    status = await tx.execute(
        "insert into service.milestones (name, reached_at) values ($1, $2) on conflict (name) do nothing", name, now
    )
    return bool(status == "INSERT 0 1")


async def under_way(tx: asyncpg.Connection, name: str) -> bool:
    """Whether somebody is at it at this moment: it is locked as long as the transaction that does it lasts."""
    free = await tx.fetchval("select pg_try_advisory_xact_lock_shared(hashtext('milestone ' || $1))", name)
    return not free
