"""Pieces of equipment come and go: a test to come keeps a piece of its kind, or the one it has stays."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from scheduling import equipment, refusals, regrouping
from scheduling.equipment_refusals import EquipmentKnown, EquipmentNeeded
from tests.builders.refused import refused
from tests.scheduling.test_outages import a_small_stage, held

Tx = asyncpg.Connection


async def test_a_test_to_come_takes_another_piece_of_the_kind(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=3)
    session = await tx.fetchval("select id from scheduling.sessions")
    before = await held(tx, session)
    await equipment.retire(tx, pod, now=stage.now)
    await tx.execute("set constraints all immediate")
    after = await held(tx, session)
    assert (pod in before, pod in after, len(before) == len(after)) == (True, False, True)
    assert pod not in {one.id for one in await equipment.of_centre(tx, stage.centre)}
    with pytest.raises(refusals.NotFound):
        await equipment.retire(tx, pod, now=stage.now)


async def test_a_piece_that_nothing_can_replace_stays_and_its_sessions_are_named(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=2)
    session = await tx.fetchval("select id from scheduling.sessions")
    with pytest.raises(EquipmentNeeded) as no:
        await equipment.retire(tx, pod, now=stage.now)
    assert no.value.args == (session,)
    assert pod in await held(tx, session)
    await regrouping.cancel(tx, session, reason="Panne", rebook=False, by=None, now=stage.now)
    await equipment.retire(tx, pod, now=stage.now)


async def test_the_database_itself_keeps_a_piece_that_a_test_counts_on(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=3)
    async with refused(tx, EquipmentNeeded):
        await tx.execute("update scheduling.equipment set retired_at = $2 where id = $1", pod, stage.now)
    over = stage.morning + timedelta(days=30)
    await tx.execute("update scheduling.equipment set retired_at = $2 where id = $1", pod, over)


async def test_a_name_is_given_once_and_a_retired_piece_comes_back_under_it(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=3)
    for kind in ("cisco-pod", "forklift"):
        async with refused(tx, EquipmentKnown):
            await equipment.acquire(tx, centre_id=stage.centre, kind=kind, name="Pod 1")
    await equipment.retire(tx, pod, now=stage.now)
    async with refused(tx, EquipmentKnown):  # its kind is what past tests were held with
        await equipment.acquire(tx, centre_id=stage.centre, kind="forklift", name="Pod 1")
    assert await equipment.acquire(tx, centre_id=stage.centre, kind="cisco-pod", name="Pod 1") == pod
    assert pod in {one.id for one in await equipment.of_centre(tx, stage.centre)}
