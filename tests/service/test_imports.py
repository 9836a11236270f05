"""Lists from files: read whoever wrote them, judged by the rules of the verbs, written when that is ordered."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from service import accounts, import_lines, imports
from service.accounts import Account
from service.wiring import Running, running
from tests.builders.lists import PEOPLE, as_csv, asked, lines_of, ordered, verdicts
from tests.builders.stage import Stage, a_stage
from tests.builders.web import settings_for

NOOR = ("K-1", "noor@example.org", "Noor", "Peeters", "17/05/1990", "fr", "jobseeker")
SAM = ("K-2", "sam@example.org", "Sam", "De Smet", "1988-01-31", "nl", "worker")
SESSIONS = ("reference", "room", "unit", "language", "day", "at", "seats", "evaluators", "observers", "manager", "open")


@dataclass
class Office:
    """A centre, its manager, and the worker's side of the house."""

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


@pytest.fixture
async def office(
    database_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Office]:
    async with running(settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=clock) as process:
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


async def test_nothing_is_written_before_it_is_ordered(office: Office) -> None:
    import_id = await office.ask("candidates", as_csv(PEOPLE, NOOR, SAM))
    assert verdicts(await lines_of(office.running, import_id)) == ["new", "new"]
    assert await office.count("select count(*) from assessments.candidates") == 0
    assert await office.count("select count(*) from service.outbox") == 0
    await ordered(office.running, import_id, office.manager)
    assert await office.count("select count(*) from assessments.candidates") == 2
    assert await office.count("select count(*) from service.accounts where role = 'candidate'") == 2


async def test_the_corrected_file_changes_only_what_changed(office: Office) -> None:
    await office.take_over("candidates", as_csv(PEOPLE, NOOR, SAM))
    married = (*NOOR[:3], "Peeters-Diallo", *NOOR[4:])
    lines = await office.checked("candidates", as_csv(PEOPLE, married, SAM))
    assert verdicts(lines) == ["changed", "unchanged"]
    assert lines[0].changes == {"family_name": ("Peeters", "Peeters-Diallo")}
    again = await office.take_over("candidates", as_csv(PEOPLE, married, SAM))
    assert [line.written_at is not None for line in again] == [True, False]
    assert verdicts(await office.checked("candidates", as_csv(PEOPLE, married, SAM))) == ["unchanged", "unchanged"]


async def test_sessions(office: Office) -> None:
    day = office.stage.morning.date()
    file = as_csv(
        SESSIONS,
        office.session("S-1", day),
        office.session("S-2", day, at="10:00"),
        office.session("S-3", day + timedelta(days=1), seats="9"),
        office.session("S-4", day + timedelta(days=3), evaluators="nobody@example.org"),
    )
    lines = await office.checked("sessions", file)
    assert verdicts(lines) == ["new", "refused", "refused", "new"]
