"""What is closed: written where nothing is planned, seen and mended where something is, taken back, and known by its cause."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, closures, holds, refusals, repairs, sessions
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
HOLDS = holds.HoldPolicy(minutes=10, per_person=2)


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def close(tx: Tx, stage: Stage, at: datetime, *, room_id: UUID | None = None, days: int = 1) -> UUID:
    begin, _ = closures.whole_day(at.date())
    _, end = closures.whole_day((at + timedelta(days=days - 1)).date())
    return await closures.close(
        tx,
        centre_id=stage.centre,
        starts_at=begin,
        ends_at=end,
        reason="Travaux",
        room_id=room_id,
        by=None,
        now=stage.now,
    )


async def known(tx: Tx, stage: Stage) -> list[tuple[str, str | None, int]]:
    found = await closures.of_centre(tx, stage.centre, since=stage.now, now=stage.now)
    return [(one.cause, one.room_name, one.planned) for one in found]


async def test_a_room_is_closed_once_and_opened_again(tx: Tx, stage: Stage) -> None:
    closure = await close(tx, stage, stage.morning, room_id=stage.room)
    assert await close(tx, stage, stage.morning, room_id=stage.room) == closure
    assert await known(tx, stage) == [("entered", "Labo CISCO", 0)]
    async with refused(tx, refusals.RoomClosed):
        await stage.draft(tx)
    await closures.reopen(tx, closure)
    await stage.draft(tx)
    async with refused(tx, refusals.NotFound):
        await closures.reopen(tx, closure)
    trail = await tx.fetch("select action from service.audit where subject_id = $1 order by id", closure)
    assert [row["action"] for row in trail] == ["closure.added", "closure.removed"]


async def test_tests_to_come_are_seen_and_not_closed_over(tx: Tx, stage: Stage) -> None:
    """One who has confirmed, one who holds a place and one whose hold has lapsed; a test in another room is not met."""
    session, _ = await stage.booked(tx, seats=4)
    for minutes in (5, 15):
        who = await stage.candidate(tx)
        await holds.hold(tx, session, who, policy=HOLDS, by=None, now=stage.now - timedelta(minutes=minutes))
    begin, end = closures.whole_day(stage.morning.date())
    met = await closures.met(tx, centre_id=stage.centre, room_id=None, starts_at=begin, ends_at=end, now=stage.now)
    assert met == [closures.Met(session, booked=2, held=1)]
    for room_id in (None, stage.room):
        async with refused(tx, refusals.SessionsInClosure):
            await close(tx, stage, stage.morning, room_id=room_id)
    await close(tx, stage, stage.morning, room_id=await stage.another_room(tx))
    await sessions.cancel(tx, session, reason="Travaux", by=None, now=stage.now)
    await close(tx, stage, stage.morning)


async def test_a_test_that_has_begun_goes_on(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx)
    during = stage.morning + timedelta(minutes=10)
    begin, end = closures.whole_day(stage.morning.date())
    await closures.close(tx, centre_id=stage.centre, starts_at=begin, ends_at=end, reason="Fuite", by=None, now=during)
    assert (await sessions.get(tx, session)).state == "open"


async def test_a_room_of_another_centre_is_nobody_s_to_close(tx: Tx, stage: Stage) -> None:
    async with refused(tx, refusals.NotFound):
        await close(tx, stage, stage.morning, room_id=UUID(int=1))


async def test_a_public_holiday_over_a_test_is_listed_with_it(tx: Tx, stage: Stage) -> None:
    """The clockwork does not ask; the list says what lies in it, and it can be repaired from there."""
    armistice = datetime(2026, 11, 11, 8, tzinfo=stage.now.tzinfo)
    await stage.draft(tx, starts_at=armistice)
    await closures.close_on_the_holidays_to_come(tx, now=stage.now)
    found = await closures.of_centre(tx, stage.centre, since=stage.now, now=stage.now)
    assert {one.cause for one in found} == {"holiday"}
    assert [one.starts_at.date().isoformat() for one in found if one.planned] == ["2026-11-10"]


async def test_a_week_of_works_is_entered_by_the_repair_of_the_centre(tx: Tx, stage: Stage) -> None:
    """Nothing moves to another room of the closed centre, or to another day within the closure."""
    await stage.another_room(tx)
    session, booking = await stage.booked(tx)
    begin, _ = closures.whole_day(stage.morning.date())
    end = begin + timedelta(days=5)
    made = await repairs.propose(
        tx, centre_id=stage.centre, trouble="centre", subject_id=stage.centre, starts_at=begin, ends_at=end,
        reason="Travaux", by=None, now=stage.now,
    )  # fmt: skip
    repair = await repairs.get(tx, made)
    plan = await repairs.plan(tx, repair, wanted={}, by=None, now=stage.now)
    (mended,) = plan.mended
    moments = [one.starts_at for one in mended.options if one.starts_at]
    assert moments
    assert min(moments) >= end
    assert mended.chosen.kind == "move"
    await repairs.apply(tx, made, {session: mended.chosen}, by=None, now=stage.now)
    assert await known(tx, stage) == [("repair", None, 0)]
    assert (await bookings.get(tx, booking)).starts_at == mended.chosen.starts_at
    async with refused(tx, refusals.RoomClosed):
        await stage.draft(tx)
