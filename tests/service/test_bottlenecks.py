"""Which resource is short: nothing of a unit can be booked, or a session is full, and one thing would have to change."""

from datetime import datetime
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, jury_seats, refusals, sessions
from service import why_not
from service.db import Actor, Database
from service.i18n import words
from tests.builders.stage import Stage, a_stage
from tests.races.test_bookings import db

__all__ = ["db"]  # a fixture

Tx = asyncpg.Connection

# What is taken away from a town that has everything but a date, and what is said to be missing then.
TAKEN_AWAY = [
    ("planning", "select 1"),
    ("accreditation", "delete from assessments.accreditations"),
    ("room", "update scheduling.rooms set retired_at = planned from (select now() as planned) x"),
    ("equipment", "update scheduling.equipment set retired_at = planned from (select now() as planned) x"),
    ("evaluator", "delete from assessments.qualifications where role = 'evaluator'"),
    ("observer", "delete from assessments.qualifications where role = 'observer'"),
    ("language", "update assessments.assessors set languages = '{nl}' where centre_id is null"),
]


@pytest.mark.parametrize(("short", "statement"), TAKEN_AWAY)
async def test_where_no_date_is_planned_what_is_missing_is_named(
    tx: Tx, now: datetime, short: str, statement: str
) -> None:
    stage = await a_stage(tx, now)
    await tx.execute(statement)
    why = await why_not.of_unit(tx, stage.unit, "fr", None, now=now)
    assert why.bottleneck == short


async def test_other_dates_are_no_way_out_where_there_is_none(tx: Tx, now: datetime) -> None:
    stage, w = await a_stage(tx, now), words("en")
    for language in (None, "de"):
        why = await why_not.of_unit(tx, stage.unit, language, None, now=now)
        assert [label for label, _ in why.ways(w)] == ["Join the waiting list", "Find a test"]
    assert "may be a place" not in why.advice(w), "there is none in any language"
    await stage.open(tx)
    why = await why_not.of_unit(tx, stage.unit, "de", None, now=now)
    assert "Other dates for this test" in [label for label, _ in why.ways(w)]
    assert "In another language there may be a place now." in why.advice(w)


async def test_where_dates_are_planned_nothing_is_missing_but_a_place(tx: Tx, now: datetime) -> None:
    stage = await a_stage(tx, now)
    await stage.booked(tx, seats=1)
    assert (await why_not.of_unit(tx, stage.unit, "fr", None, now=now)).bottleneck == "none"


@pytest.mark.parametrize(
    ("short", "stations", "pods", "per_evaluator"),
    [("room", 2, 4, 4), ("equipment", 8, 2, 4), ("evaluator", 8, 4, 2), ("none", 8, 4, 4)],
)
async def test_of_a_full_session_the_tightest_resource_is_named(
    db: Database, now: datetime, short: str, stations: int, pods: int, per_evaluator: int
) -> None:
    """Two seats, both taken. Where all would do for more, it is the planner who offers no more: nothing is short."""
    async with db.transaction() as tx:
        stage = await a_stage(tx, now, stations=stations, pods=pods, per_evaluator=per_evaluator)
        session = await full(tx, stage)
    reasons = why_not.Reasons(db)
    why = await reasons(why_not.Refused(Actor("house"), refusals.SessionFull, session, now))
    assert why is not None
    assert why.limits == {"room": stations, "equipment": pods, "evaluator": per_evaluator}
    assert why.bottleneck == short


async def test_equipment_that_another_session_has_at_that_time_is_short(tx: Tx, now: datetime) -> None:
    stage = await a_stage(tx, now, pods=4)
    session = await full(tx, stage)
    await stage.draft(tx, room_id=await stage.another_room(tx))
    assert (await tx.fetchval("select scheduling.seat_limits($1)", session))["equipment"] == 2


async def full(tx: Tx, stage: Stage) -> UUID:
    session, _ = await stage.booked(tx)
    await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now)
    assert (await sessions.get(tx, session)).state == "full"
    assert len(await jury_seats.of_session(tx, session)) == 3
    return session
