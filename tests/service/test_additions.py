"""What every booking adds is kept in the trail by functions of its own, column by column: in the same words as anything else."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
Row = dict[str, Any]
DERIVED = {"id", "changed_at", "sequence", "extra_minutes"}  # as service.record_change has it
GENERAL = {
    "scheduling.bookings": "service.record_change('booking', 'test_time', 'release')",
    "assessments.enrolments": "service.record_change('enrolment')",
}


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def bookings(tx: Tx, stage: Stage) -> list[Row]:
    """One held, one that was attended, one that was released: of each column at least one says something."""
    session = await tx.fetchrow("select * from scheduling.sessions where id = $1", await stage.open(tx, seats=4))
    waiting = await tx.fetchval(
        """insert into scheduling.waiting (candidate_id, unit_id, joined_at, languages, earliest, mornings, afternoons)
           values ($1, $2, $3, '{fr}', service.day($3), '{1}', '{}') returning id""",
        await stage.candidate(tx), session["unit_id"], stage.now,
    )  # fmt: skip
    shared = {name: session[name] for name in ("unit_id", "test_time")} | {
        "session_id": session["id"], "booked_at": stage.now, "changed_at": stage.now, "booked_by": uuid4(),
    }  # fmt: skip
    moment, someone = stage.now, uuid4()
    states: list[Row] = [
        {"held_until": moment, "waiting_id": waiting},
        {
            "confirmed_at": moment, "convoked_at": moment, "checked_in_at": moment, "checked_in_by": someone,
            "contract_signed_at": moment, "attended_at": moment, "closed_at": moment,
        },
        {"confirmed_at": moment, "released_at": moment, "released_by": someone, "release": "excused"},
    ]  # fmt: skip
    return [shared | {"id": uuid4(), "candidate_id": await stage.candidate(tx)} | state for state in states]


async def enrolments(tx: Tx, stage: Stage) -> list[Row]:
    unit = await tx.fetchval("select unit_id from scheduling.sessions where id = $1", await stage.open(tx))
    shared = {"unit_id": unit, "enrolled_at": stage.now}
    states: list[Row] = [
        {},
        {"guided_at": stage.now, "guided_by": uuid4(), "advice": "reserved", "withdrawn_at": stage.now},
    ]
    return [shared | {"id": uuid4(), "candidate_id": await stage.candidate(tx)} | state for state in states]


async def kept(tx: Tx, table: str, rows: list[Row]) -> list[Row]:
    """The trail of these rows, which are gone afterwards."""
    savepoint = tx.transaction()
    await savepoint.start()
    await tx.execute("select service.acting($1, 'candidate')", uuid4())
    before = await tx.fetchval("select coalesce(max(id), 0) from service.audit")
    for row in rows:
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        await tx.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())
    trail = await tx.fetch(
        """select role, action, centre_id, subject, subject_id, candidate_id, changes, length(salt) as salt
           from service.audit where id > $1 order by id""",
        before,
    )
    await savepoint.rollback()
    return [dict(entry) for entry in trail]


@pytest.mark.parametrize(("table", "rows"), [("scheduling.bookings", bookings), ("assessments.enrolments", enrolments)])
async def test_what_is_added_is_kept_in_the_words_of_any_change(tx: Tx, stage: Stage, table: str, rows: Any) -> None:
    added = await rows(tx, stage)
    written = await kept(tx, table, added)
    await tx.execute(f"drop trigger audit_new on {table}")
    await tx.execute(f"create trigger audit_new after insert on {table} for each row execute function {GENERAL[table]}")
    assert written == await kept(tx, table, added)
    assert len(written) == len(added)
    columns = await tx.fetch(
        "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped",
        table,
    )
    said = {column for entry in written for column in entry["changes"]}
    assert said == {row["attname"] for row in columns} - DERIVED


async def test_each_entry_has_a_salt_of_its_own(tx: Tx, stage: Stage) -> None:
    """Whoever learns one learns nothing of the others, of the same statement or of another one."""
    first, second, third = await bookings(tx, stage)
    before = await tx.fetchval("select coalesce(max(id), 0) from service.audit")
    columns = ("id", "session_id", "unit_id", "test_time", "candidate_id", "booked_at", "changed_at", "confirmed_at")
    for rows in ([first, second], [third]):
        values = ", ".join(
            f"({', '.join(f'${len(columns) * place + column + 1}' for column in range(len(columns)))})"
            for place in range(len(rows))
        )
        given = [(row | {"confirmed_at": stage.now})[name] for row in rows for name in columns]
        await tx.execute(f"insert into scheduling.bookings ({', '.join(columns)}) values {values}", *given)
    salts = await tx.fetch("select salt from service.audit where id > $1", before)
    assert len({row["salt"] for row in salts}) == 3
