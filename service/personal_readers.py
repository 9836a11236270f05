"""How a copy of everything about a person is read: one reader for each table that leads to them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import asyncpg

Row = dict[str, Any]
Reader = Callable[["asyncpg.Connection[asyncpg.Record]", UUID], Awaitable[list[asyncpg.Record]]]
Told = Callable[[float], Awaitable[None]]


async def read(
    tx: asyncpg.Connection, person_id: UUID, readers: Mapping[str, Reader], *, told: Told
) -> dict[str, list[Row]]:
    """Every table with what is in it about the person, in the order of the readers; `told` is called with how far it is, from
    0 to 1."""
    found: dict[str, list[Row]] = {}
    for number, (table, reader) in enumerate(readers.items()):
        found[table] = [dict(row) for row in await reader(tx, person_id)]
        await told((number + 1) / len(readers))
    return found
