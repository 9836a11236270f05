"""The addresses of a centre."""

from uuid import UUID

import asyncpg


async def add(
    tx: asyncpg.Connection, *, centre_id: UUID, name: str, street: str, postcode: str, municipality: str
) -> UUID:
    """Record a site of a centre, or renew its address; the name within the centre stays."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.sites (centre_id, name, street, postcode, municipality)
           values ($1, $2, $3, $4, $5)
           on conflict (centre_id, name) do update set street = $3, postcode = $4, municipality = $5
           returning id""",
        centre_id,
        name,
        street,
        postcode,
        municipality,
    )
