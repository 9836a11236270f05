"""Trades: one of a centre's, in a scheme, tied to ROME 3, ISCO-08 and ESCO."""

from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import NotFound

Change = Literal["added", "changed"]


class Trade(Struct, frozen=True):
    id: UUID
    code: str
    centre_code: str
    scheme: str
    label: dict[str, str]
    rome: str
    isco: str
    esco: UUID
    esco_label: str


async def put(
    tx: asyncpg.Connection,
    code: str,
    *,
    centre_code: str,
    scheme: str,
    label: dict[str, str],
    rome: str,
    isco: str,
    esco: UUID,
    esco_label: str,
) -> Change | None:
    """Record a trade, or renew what is said of it; say what that changed, None when nothing."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.trades as t (code, centre_code, scheme, label, rome, isco, esco, esco_label)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (code) do update
               set centre_code = $2, scheme = $3, label = $4, rome = $5, isco = $6, esco = $7, esco_label = $8
           where to_jsonb(t) - 'id' is distinct from to_jsonb(excluded) - 'id'
           returning case when xmax = 0 then 'added' else 'changed' end""",
        code,
        centre_code,
        scheme,
        label,
        rome,
        isco,
        esco,
        esco_label,
    )


async def get(tx: asyncpg.Connection, code: str) -> Trade:
    """The trade of that code. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, code, centre_code, scheme, label, rome, isco, esco, esco_label
           from assessments.trades where code = $1""",
        code,
    )
    if row is None:
        raise NotFound
    return Trade(**row)


async def every(tx: asyncpg.Connection) -> list[Trade]:
    """All trades, by code."""
    rows = await tx.fetch(
        """select id, code, centre_code, scheme, label, rome, isco, esco, esco_label
           from assessments.trades order by code"""
    )
    return [Trade(**row) for row in rows]
