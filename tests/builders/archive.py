"""A sealed audit trail, and a hand that changes the database behind everybody's back."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg

from service import audit_seals, auditing, wiring
from service.db import speak_json
from tests.builders.stage import Stage, a_stage
from tests.builders.web import settings_for

Tx = asyncpg.Connection
NOBODY_LISTENS = "redis://127.0.0.1:1"


class Archive:
    """Six candidates in three seals of two, the first of them with a stage. `raw` has no triggers."""

    def __init__(self, process: wiring.Running, raw: Tx, stage: Stage) -> None:
        self.process, self.raw, self.stage = process, raw, stage

    async def happens(self) -> None:
        async with self.process.db.transaction() as tx:
            await self.stage.booked(tx, room_id=await self.stage.another_room(tx))

    async def seal(self) -> None:
        assert await audit_seals.seal(self.process) is False

    async def third(self) -> int:
        sql = "select id from service.audit where action = 'candidate.added' order by id offset 2 limit 1"
        return await self.raw.fetchval(sql)  # type: ignore[no-any-return]

    async def tamper(self, sql: str) -> None:
        copied = "at, actor, role, action, centre_id, subject, subject_id, candidate_id, changes, salt, commitment"
        sql = sql.replace("(third)", str(await self.third())).replace("(copied)", copied)
        assert (await self.raw.execute(sql)).endswith(" 1")

    async def verdict(self, **arguments: object) -> int:
        """The status of `preuve audit verify`."""
        given = {"act": "verify", "checkpoint": None, "key": None, **arguments}
        return await asyncio.to_thread(auditing.command, argparse.Namespace(**given), self.process.settings)


@asynccontextmanager
async def an_archive(database_url: str, folder: Path, now: datetime) -> AsyncIterator[Archive]:
    raw = await asyncpg.connect(database_url)
    await speak_json(raw)
    await raw.execute("set session_replication_role = replica")
    async with wiring.running(settings_for(database_url, NOBODY_LISTENS, folder), house=True) as process:
        async with process.db.transaction() as tx:
            stage = await a_stage(tx, now)
        archive = Archive(process, raw, stage)
        for _ in range(3):
            async with process.db.transaction() as tx:
                await stage.candidate(tx)
                await stage.candidate(tx)
            await archive.seal()
        yield archive
    await raw.close()
