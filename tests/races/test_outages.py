"""A piece of equipment breaks while somebody plans with it: whichever comes first, the other one sees it and is refused."""

from datetime import timedelta

import asyncpg
import pytest

from scheduling import outages, refusals, repairs, sessions
from scheduling.equipment_refusals import EquipmentCountedOn, EquipmentOutOfOrder
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
