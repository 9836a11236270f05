"""A connection of which nothing stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from service.db import speak_json


@asynccontextmanager
async def undone(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Inside a transaction that is rolled back at the end; the house acts, as the owner."""
    connection = await asyncpg.connect(url)
    await speak_json(connection)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("select set_config('preuve.reach', 'house', true)")
    yield connection
    await transaction.rollback()
    await connection.close()
