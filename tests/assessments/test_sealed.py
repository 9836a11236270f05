"""Jury content before its time: PostgreSQL itself, in the application's role, shows it to its author alone."""

from datetime import datetime
from uuid import uuid4

import asyncpg
import pytest

from assessments import ratings, recordings
from service.db import APPLICATION, Actor
from tests.builders.assessments import Sitting, a_sitting, all_met, recorded
from tests.builders.reach import act

Tx = asyncpg.Connection


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
    }


async def readers(tx: Tx, sitting: Sitting) -> set[str]:
    """Who finds any word or mark of any recording."""
    found = set()
    await tx.execute(f"set local role {APPLICATION}")
    for name, actor in people(sitting).items():
        await act(tx, actor, reach="")
        seen = await tx.fetchval(
            """select (select count(*) from assessments.recordings) + (select count(*) from assessments.ratings)
                      + (select count(*) from assessments.entries) + (select count(*) from assessments.photos)
                      + (select count(*) from assessments.deliberations)"""
        )
        if seen:
            found.add(name)
    await act(tx, Actor(""), reach="house")
    await tx.execute("reset role")
    return found


async def test_a_recording_is_its_author_s_alone_until_both_have_submitted(
    tx: Tx, now: datetime, sitting: Sitting
) -> None:
    begun = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await recordings.remark(tx, begun, "les gants manquaient", by=sitting.evaluator)
    await ratings.rate(tx, begun, all_met(), by=sitting.evaluator, now=now)
    assert await readers(tx, sitting) == {"evaluator"}
    await recordings.discard(tx, begun, by=sitting.evaluator, now=now)

    await recorded(tx, sitting)
    assert await readers(tx, sitting) == {"evaluator", "observer", "manager", "auditor", "administrator"}


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
