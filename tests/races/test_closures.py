"""A room is closed while somebody plans in it: whichever comes first, the other one sees it and is refused."""

import asyncpg
import pytest

from scheduling import closures, refusals, repairs, sessions
from service.db import Database
from tests.builders.stage import Stage
from tests.races.test_bookings import Act, meet
from tests.races.test_planning import db, sound, stage

Tx = asyncpg.Connection
__all__ = ["db", "stage"]


def close(stage: Stage, *, whole: bool) -> Act:
    begin, end = closures.whole_day(stage.morning.date())
    return lambda tx: closures.close(
        tx, centre_id=stage.centre, starts_at=begin, ends_at=end, reason="Travaux",
        room_id=None if whole else stage.room, by=None, now=stage.now,
    )  # fmt: skip


@pytest.mark.parametrize("whole", [True, False])
async def test_a_session_is_planned_while_its_room_is_closed(db: Database, stage: Stage, whole: bool) -> None:
    async def plan(tx: Tx) -> None:
        await stage.draft(tx)

    assert isinstance(await meet(db, plan, close(stage, whole=whole)), refusals.SessionsInClosure)
    async with db.transaction() as tx:
        await tx.execute("update scheduling.sessions set cancelled_at = $1, cancellation = 'x'", stage.now)
    assert isinstance(await meet(db, close(stage, whole=whole), plan), refusals.RoomClosed)
    await sound(db, stage)


async def test_a_session_is_moved_into_a_room_that_is_closed(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        beside = await stage.another_room(tx)
        session = await stage.draft(tx, room_id=beside)

    async def move(tx: Tx) -> None:
        await sessions.move(tx, session, starts_at=stage.morning, room_id=stage.room, by=None, now=stage.now)

    assert isinstance(await meet(db, close(stage, whole=False), move), refusals.RoomClosed)
    async with db.transaction() as tx:
        (closure,) = await closures.of_centre(tx, stage.centre, since=stage.now, now=stage.now)
        await closures.reopen(tx, closure.id)
    assert isinstance(await meet(db, move, close(stage, whole=False)), refusals.SessionsInClosure)


async def test_two_enter_the_same_closure(db: Database, stage: Stage) -> None:
    """Both are told of one."""
    assert not isinstance(await meet(db, close(stage, whole=True), close(stage, whole=True)), BaseException)
    async with db.read() as tx:
        assert len(await closures.of_centre(tx, stage.centre, since=stage.now, now=stage.now)) == 1


async def test_a_session_is_planned_in_a_room_while_the_repair_closes_it(db: Database, stage: Stage) -> None:
    """The repair has not been told of it: nothing is done. Planned second, it finds the room closed."""
    begin, end = closures.whole_day(stage.morning.date())
    async with db.transaction() as tx:
        made = await repairs.propose(
            tx, centre_id=stage.centre, trouble="room", subject_id=stage.room, starts_at=begin, ends_at=end,
            reason="Fuite", by=None, now=stage.now,
        )  # fmt: skip

    async def plan(tx: Tx) -> None:
        await stage.draft(tx)

    async def mend(tx: Tx) -> None:
        await repairs.apply(tx, made, {}, by=None, now=stage.now)

    assert isinstance(await meet(db, plan, mend), refusals.RepairOutdated)
    async with db.transaction() as tx:
        await tx.execute("update scheduling.sessions set cancelled_at = $1, cancellation = 'x'", stage.now)
    assert isinstance(await meet(db, mend, plan), refusals.RoomClosed)
