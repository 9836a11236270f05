"""Jury content before its time: PostgreSQL itself, in the application's role, shows it to its author alone."""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import photos, ratings, recordings
from assessments.recordings import Role
from service.db import APPLICATION, STRANGER, Actor
from tests.builders.assessments import PICTURE, Sitting, a_sitting, all_met, deliberated, recorded
from tests.builders.reach import act

Tx = asyncpg.Connection
CONTENT = {
    "recordings": "assessor_id",
    "ratings": "recording_id",
    "entries": "assessor_id",
    "photos": "assessor_id",
}  # and the column that says whose a row is
UNSEALED = {"evaluator", "observer", "manager", "auditor", "administrator"}


@pytest.fixture
async def sitting(tx: Tx, now: datetime) -> Sitting:
    return await a_sitting(tx, now=now)


def people(sitting: Sitting) -> dict[str, Actor]:
    return {
        "evaluator": Actor("assessor", uuid4(), assessor=sitting.evaluator),
        "observer": Actor("assessor", uuid4(), assessor=sitting.observer),
        "manager": Actor("manager", uuid4(), centre=sitting.centre, assessor=sitting.manager),
        "auditor": Actor("auditor", uuid4()),
        "administrator": Actor("administrator", uuid4()),
        "candidate": Actor("candidate", uuid4(), candidate=sitting.candidate),
        "manager elsewhere": Actor("manager", uuid4(), centre=uuid4()),
        "assessor elsewhere": Actor("assessor", uuid4(), assessor=uuid4()),
        "stranger": STRANGER,
        "nobody": Actor(""),
    }


async def seen(tx: Tx, sitting: Sitting, author: UUID) -> dict[str, set[str]]:
    """Of each table of jury content: who finds that author's rows in it."""
    recording = await tx.fetchval("select id from assessments.recordings where assessor_id = $1", author)
    found: dict[str, set[str]] = {table: set() for table in CONTENT}
    await tx.execute(f"set local role {APPLICATION}")
    for name, actor in people(sitting).items():
        await act(tx, actor, reach="")
        for table, column in CONTENT.items():
            whose = recording if column == "recording_id" else author
            if await tx.fetchval(f"select exists (select from assessments.{table} where {column} = $1)", whose):
                found[table].add(name)
    await act(tx, Actor(""), reach="house")
    await tx.execute("reset role")
    return found


def everywhere(*names: str) -> dict[str, set[str]]:
    return {table: {*names} for table in CONTENT}


async def begun(tx: Tx, sitting: Sitting, author: UUID, role: Role, now: datetime) -> UUID:
    """A recording with ratings, a remark, and a photograph."""
    recording = await recordings.start(tx, sitting.booking, author, role, now=now)
    await recordings.remark(tx, recording, "les gants manquaient", by=author)
    await ratings.rate(tx, recording, all_met(observer=role == "observer"), by=author, now=now)
    await photos.keep(tx, uuid4(), sitting.booking, author, PICTURE, now=now)
    return recording


async def test_what_is_recorded_is_its_author_s_alone_until_both_have_submitted(
    tx: Tx, now: datetime, sitting: Sitting
) -> None:
    """Table by table, and whichever of the two submits first."""
    one = await begun(tx, sitting, sitting.evaluator, "evaluator", now)
    assert await seen(tx, sitting, sitting.evaluator) == everywhere("evaluator")
    other = await begun(tx, sitting, sitting.observer, "observer", now)
    assert await seen(tx, sitting, sitting.evaluator) == everywhere("evaluator")
    assert await seen(tx, sitting, sitting.observer) == everywhere("observer")

    await recordings.submit(tx, one, by=sitting.evaluator, now=now)
    assert await seen(tx, sitting, sitting.evaluator) == everywhere("evaluator")
    assert await seen(tx, sitting, sitting.observer) == everywhere("observer")

    await recordings.submit(tx, other, by=sitting.observer, now=now)
    assert await seen(tx, sitting, sitting.evaluator) == everywhere(*UNSEALED)
    assert await seen(tx, sitting, sitting.observer) == everywhere(*UNSEALED)


async def test_a_deliberation_is_the_jury_s_and_the_centre_s(tx: Tx, now: datetime, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    found = set()
    await tx.execute(f"set local role {APPLICATION}")
    for name, actor in people(sitting).items():
        await act(tx, actor, reach="")
        if await tx.fetchval("select exists (select from assessments.deliberations)"):
            found.add(name)
    assert found == UNSEALED


async def test_one_who_has_submitted_still_reads_nothing_of_the_other(tx: Tx, now: datetime, sitting: Sitting) -> None:
    await recordings.start(tx, sitting.booking, sitting.observer, "observer", now=now)
    submitted = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await ratings.rate(tx, submitted, all_met(), by=sitting.evaluator, now=now)
    await recordings.submit(tx, submitted, by=sitting.evaluator, now=now)
    await tx.execute(f"set local role {APPLICATION}")
    for name in ("evaluator", "observer"):
        await act(tx, people(sitting)[name], reach="")
        assert [row["role"] for row in await tx.fetch("select role from assessments.recordings")] == [name]
    for name in ("manager", "administrator"):
        await act(tx, people(sitting)[name], reach="")
        assert await tx.fetch("select from assessments.recordings") == []
        there = await tx.fetch("select role, submitted from assessments.recorded($1)", sitting.booking)
        assert {(row["role"], row["submitted"]) for row in there} == {("evaluator", True), ("observer", False)}
    await act(tx, people(sitting)["manager elsewhere"])
    assert await tx.fetch("select from assessments.recorded($1)", sitting.booking) == []


async def test_nobody_writes_into_another_s_grid(tx: Tx, now: datetime, sitting: Sitting) -> None:
    begun = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await tx.execute(f"set local role {APPLICATION}")
    for name in ("observer", "manager", "administrator"):
        await act(tx, people(sitting)[name], reach="")
        assert await tx.execute("update assessments.recordings set remarks = 'x' where id = $1", begun) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.transaction():
                await tx.execute(
                    """insert into assessments.ratings (recording_id, indicator, rating, rated_at)
                       values ($1, '1.1', 'met', $2)""",
                    begun,
                    now,
                )
