"""Two people at one standard, staged: publish and publish, edit and edit, publish and edit, publish and use."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from assessments import refusals, standard_refusals, standards
from scheduling import sessions
from service.db import translated
from tests.builders.assessments import a_content, a_room, a_unit
from tests.builders.rivals import held_up

Tx = asyncpg.Connection


async def rival(tx: Tx, act: Any) -> None:
    with translated(tx):
        async with tx.transaction():
            await act


async def test_two_publish_at_once_and_the_second_hears_of_the_first(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        unit = await a_unit(first, now=now)
        drafts = [await standards.draft(first, unit.id, a_content(), now=now) for _ in range(2)]
    later = now + timedelta(hours=1)
    async with first.transaction():
        await standards.publish(first, drafts[0], now=later)
        task = asyncio.create_task(rival(second, standards.publish(second, drafts[1], now=later)))
        await held_up(first, task)
        assert not task.done()
    with pytest.raises(standard_refusals.StandardOvertaken):
        await task
    assert (await standards.in_force(first, unit.id, later)).id == drafts[0]


async def test_two_edit_at_once_and_nobody_s_words_are_lost(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        unit = await a_unit(first, now=now)
        draft = await standards.draft(first, unit.id, a_content(), now=now)
    mine, theirs = replace(a_content(), duration_minutes=300), replace(a_content(), duration_minutes=360)
    async with first.transaction():
        await standards.amend(first, draft, mine, revision=1, by=None, now=now)
        act = standards.amend(second, draft, theirs, revision=1, by=None, now=now)
        task = asyncio.create_task(rival(second, act))
        await held_up(first, task)
        assert not task.done()
    with pytest.raises(standard_refusals.StandardChanged):
        await task
    assert (await standards.get(first, draft)).content == mine


async def test_publishing_while_somebody_edits_publishes_what_was_seen(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        unit = await a_unit(first, now=now)
        draft = await standards.draft(first, unit.id, a_content(), now=now)
    async with first.transaction():
        await standards.publish(first, draft, revision=1, now=now + timedelta(hours=1))
        act = standards.amend(second, draft, replace(a_content(), duration_minutes=15), revision=1, by=None, now=now)
        task = asyncio.create_task(rival(second, act))
        await held_up(first, task)
        assert not task.done()
    with pytest.raises(refusals.StandardPublished):
        await task
    assert (await standards.get(first, draft)).content == a_content()


async def test_a_session_planned_while_a_version_comes_into_force_keeps_the_one_it_saw(
    two: tuple[Tx, Tx], now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        unit, room = await a_unit(first, now=now), await a_room(first)
        old = await standards.in_force(first, unit.id, now)
        draft = await standards.draft(first, unit.id, replace(a_content(), duration_minutes=120), now=now)
    plan = sessions.Plan(room.id, unit.id, "fr", now.replace(hour=7) + timedelta(days=14), seats=2)
    planned: list[Any] = []

    async def plan_it() -> None:
        planned.append(await sessions.plan(second, plan, by=None, now=now + timedelta(hours=1)))

    async with first.transaction():
        await standards.publish(first, draft, now=now + timedelta(minutes=30))
        task = asyncio.create_task(rival(second, plan_it()))
        await held_up(first, task)
    await task
    used = await first.fetchval("select standard_id from scheduling.sessions where id = $1", planned[0])
    assert used in (old.id, draft)
    assert await first.fetchval(
        """select upper(s.test_time) - lower(s.test_time) = make_interval(mins => st.duration_minutes)
           from scheduling.sessions s join assessments.standards st on st.id = s.standard_id where s.id = $1""",
        planned[0],
    )
