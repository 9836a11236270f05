"""Equipment breaks or is retired while somebody plans with it: whichever comes first, the other one sees it and is refused."""

from datetime import timedelta

import asyncpg
import pytest

from scheduling import equipment, outages, refusals, regrouping, repairs, sessions
from scheduling.equipment_refusals import EquipmentCountedOn, EquipmentNeeded, EquipmentOutOfOrder
from service.db import Database
from tests.builders.stage import Stage
from tests.races.test_bookings import Act, meet
from tests.races.test_planning import db, sound, stage

Tx = asyncpg.Connection
__all__ = ["db", "stage"]
DAY = timedelta(days=1)


def breaks(stage: Stage) -> Act:
    """The first pod, from the day of the test on; nobody knows how long."""
    return lambda tx: outages.enter(
        tx, equipment_id=stage.pods[0], starts_at=stage.morning.replace(hour=0), ends_at=None, reason="Panne",
        by=None, now=stage.now,
    )  # fmt: skip


@pytest.mark.parametrize("moved", [False, True])
async def test_a_test_is_given_a_piece_that_breaks(db: Database, stage: Stage, moved: bool) -> None:
    """A new test, and one that moves into the time with the pods it holds."""
    if moved:
        async with db.transaction() as tx:
            session = await stage.draft(tx, starts_at=stage.morning - DAY)

    async def plan(tx: Tx) -> None:
        if moved:
            await sessions.move(tx, session, starts_at=stage.morning, room_id=stage.room, by=None, now=stage.now)
        else:
            await stage.draft(tx)

    assert isinstance(await meet(db, breaks(stage), plan), EquipmentOutOfOrder)
    async with db.transaction() as tx:
        (one,) = await outages.of_centre(tx, stage.centre, now=stage.now)
        await outages.put_back(tx, one.id, by=None, now=stage.now)
    assert isinstance(await meet(db, plan, breaks(stage)), EquipmentCountedOn)
    await sound(db, stage)


async def test_a_test_is_given_a_piece_that_is_retired(db: Database, stage: Stage) -> None:
    """With as many pods as the test needs: whoever is second is refused, by the verb's locks or by the guard alone."""
    async with db.transaction() as tx:
        await tx.execute("delete from scheduling.equipment where id <> all ($1)", stage.pods[:2])

    async def plan(tx: Tx) -> None:
        await stage.draft(tx)

    async def retire(tx: Tx) -> None:
        await equipment.retire(tx, stage.pods[0], now=stage.now)

    async def by_hand(tx: Tx) -> None:
        await tx.execute("update scheduling.equipment set retired_at = $2 where id = $1", stage.pods[0], stage.now)

    for other in (retire, by_hand):
        assert isinstance(await meet(db, plan, other), EquipmentNeeded)
        async with db.transaction() as tx:
            session = await tx.fetchval("select id from scheduling.sessions where cancelled_at is null")
            await regrouping.cancel(tx, session, reason="Panne", rebook=False, by=None, now=stage.now)
    for other in (retire, by_hand):
        assert isinstance(await meet(db, other, plan), refusals.EquipmentUnsuitable | refusals.EquipmentShort)
        async with db.transaction() as tx:
            await tx.execute("update scheduling.equipment set retired_at = null")
    await sound(db, stage)


async def test_two_say_that_a_piece_is_broken(db: Database, stage: Stage) -> None:
    """There is one line, and the last word in it."""
    assert not isinstance(await meet(db, breaks(stage), breaks(stage)), BaseException)
    async with db.read() as tx:
        assert len(await outages.of_centre(tx, stage.centre, now=stage.now)) == 1


async def test_a_test_is_planned_with_a_piece_while_the_repair_takes_it_away(db: Database, stage: Stage) -> None:
    """The repair has not been told of it: nothing is done."""
    async with db.transaction() as tx:
        made = await repairs.propose(
            tx, centre_id=stage.centre, trouble="equipment", subject_id=stage.pods[0], ends_at=None,
            starts_at=stage.morning.replace(hour=0), reason="Panne", by=None, now=stage.now,
        )  # fmt: skip

    async def plan(tx: Tx) -> None:
        await stage.draft(tx)

    async def mend(tx: Tx) -> None:
        await repairs.apply(tx, made, {}, by=None, now=stage.now)

    assert isinstance(await meet(db, plan, mend), refusals.RepairOutdated)
