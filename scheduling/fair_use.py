"""Fair use: how much of what is scarce one person may hold at a time. PostgreSQL keeps to it (too_many_bookings)."""

import asyncpg
from msgspec import Struct


class FairUse(Struct, frozen=True):
    """`most_bookings`: coming places that one person may hold, over all centres."""

    most_bookings: int


async def get(tx: asyncpg.Connection) -> FairUse:
    return FairUse(await tx.fetchval("select most_bookings from scheduling.fair_use"))


async def change(tx: asyncpg.Connection, wanted: FairUse) -> None:
    """From now on; places that are held already stay."""
    await tx.execute("update scheduling.fair_use set most_bookings = $1", wanted.most_bookings)
