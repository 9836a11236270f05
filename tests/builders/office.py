"""An office: a centre, its manager and the worker's side of the house, which takes lists over from files."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from service import accounts, import_lines, imports
from service.accounts import Account
from service.wiring import Running, running
from tests.builders.lists import asked, lines_of, ordered
from tests.builders.stage import Stage, a_stage
from tests.builders.web import settings_for

NOOR = ("K-1", "noor@example.org", "Noor", "Peeters", "17/05/1990", "fr", "jobseeker")
SAM = ("K-2", "sam@example.org", "Sam", "De Smet", "1988-01-31", "nl", "worker")


@dataclass
class Office:
    """`mails`: the addresses of its assessors by role; `unit`: the code of what is tested."""

    running: Running
    stage: Stage
    manager: Account
    mails: dict[str, str]
    unit: str

    async def ask(self, kind: imports.Kind, file: bytes, by: Account | None = None) -> UUID:
        return await asked(self.running, kind, self.stage.centre, file, by or self.manager)

    async def take_over(self, kind: imports.Kind, file: bytes) -> list[import_lines.Line]:
        """Checked and written; the lines afterwards."""
        import_id = await self.ask(kind, file)
        await ordered(self.running, import_id, self.manager)
        return await lines_of(self.running, import_id)

    async def checked(self, kind: imports.Kind, file: bytes) -> list[import_lines.Line]:
        return await lines_of(self.running, await self.ask(kind, file))

    def session(self, reference: str, day: date, **changes: str) -> tuple[str, ...]:
        line = {
            "reference": reference, "room": "Labo CISCO", "unit": self.unit, "language": "fr", "day": day.isoformat(),
            "at": "09:00", "seats": "2", "evaluators": self.mails["evaluator"], "observers": self.mails["observer"],
            "manager": self.mails["manager"], "open": "yes",
        }  # fmt: skip
        return tuple({**line, **changes}.values())

    async def count(self, sql: str) -> int:
        async with self.running.db.read() as tx:
            return int(await tx.fetchval(sql))


@asynccontextmanager
async def an_office(
    database_url: str, folder: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Office]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", folder)
    async with running(settings, clock=clock, house=True) as process:
        async with process.db.transaction() as tx:
            stage = await a_stage(tx, now)
            account = await accounts.register(
                tx, email="manager@example.org", role="manager", language="fr", centre_id=stage.centre, now=now
            )
            rows = await tx.fetch("select id, email from assessments.assessors")
            mails = {row["id"]: row["email"] for row in rows}
            unit = await tx.fetchval("select code from assessments.units where id = $1", stage.unit)
            manager = await accounts.get(tx, account)
        people = {role: mails[getattr(stage, role)] for role in ("evaluator", "observer", "manager")}
        yield Office(process, stage, manager, people, unit)
