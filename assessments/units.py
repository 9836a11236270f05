"""Units: the parts of a trade that are tested, and proved, each on its own."""

from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import NotFound

Change = Literal["added", "changed"]


class Unit(Struct, frozen=True):
    """`proposal`: ours, not in the centres' public list."""

    id: UUID
    trade_id: UUID
    trade_code: str
    scheme: str
    code: str
    label: dict[str, str]
    proposal: bool


async def put(
    tx: asyncpg.Connection, code: str, *, trade_code: str, label: dict[str, str], proposal: bool
) -> Change | None:
    """Record a unit, or renew what is said of it; say what that changed, None when nothing."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.units as u (trade_id, code, label, proposal)
           select t.id, $1, $3, $4 from assessments.trades t where t.code = $2
           on conflict (code) do update
               set trade_id = excluded.trade_id, label = excluded.label, proposal = excluded.proposal
           where to_jsonb(u) - 'id' is distinct from to_jsonb(excluded) - 'id'
           returning case when xmax = 0 then 'added' else 'changed' end""",
        code,
        trade_code,
        label,
        proposal,
    )


async def get(tx: asyncpg.Connection, code: str) -> Unit:
    """The unit of that code. Refuses NotFound."""
    row = await tx.fetchrow(
        """select u.id, u.trade_id, t.code as trade_code, t.scheme, u.code, u.label, u.proposal
           from assessments.units u join assessments.trades t on t.id = u.trade_id where u.code = $1""",
        code,
    )
    if row is None:
        raise NotFound
    return Unit(**row)


async def every(tx: asyncpg.Connection) -> list[Unit]:
    """All units, by code."""
    rows = await tx.fetch(
        """select u.id, u.trade_id, t.code as trade_code, t.scheme, u.code, u.label, u.proposal
           from assessments.units u join assessments.trades t on t.id = u.trade_id order by u.code"""
    )
    return [Unit(**row) for row in rows]
