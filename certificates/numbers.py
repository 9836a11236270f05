"""Serial numbers: gapless within a year, because the number is taken in the transaction that issues."""

import asyncpg


async def take(tx: asyncpg.Connection, year: int) -> int:
    """The next number of the year, from 1. The next issue waits for this transaction; if it fails, none is lost."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into certificates.numbers as n (year, last) values ($1, 1)
           on conflict (year) do update set last = n.last + 1 returning last""",
        year,
    )


def serial(year: int, number: int) -> str:
    """How a number is printed and spoken, such as `BXL-2026-000123`."""
    return f"BXL-{year}-{number:06d}"
