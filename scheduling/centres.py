"""The four centres."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound


class Centre(Struct, frozen=True):
    id: UUID
    code: str
    name: str
    sector: dict[str, str]
    email: str


async def found(tx: asyncpg.Connection, *, code: str, name: str, sector: dict[str, str], email: str) -> UUID:
    """Record a centre, or renew what is said of it; the code stays. `sector` is a label in four languages."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.centres (code, name, sector, email) values ($1, $2, $3, $4)
           on conflict (code) do update set name = $2, sector = $3, email = $4 returning id""",
        code,
        name,
        sector,
        email,
    )


async def get(tx: asyncpg.Connection, centre_id: UUID) -> Centre:
    row = await tx.fetchrow("select id, code, name, sector, email from scheduling.centres where id = $1", centre_id)
    if row is None:
        raise NotFound
    return Centre(**row)


async def every(tx: asyncpg.Connection) -> list[Centre]:
    """All centres, by name."""
    rows = await tx.fetch("select id, code, name, sector, email from scheduling.centres order by name")
    return [Centre(**row) for row in rows]
