"""Equipment is out of order for a time, or until it is back: no test to come counts on it, whichever came first."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, equipment_reservations, outages, refusals, repairs, sessions
from scheduling.equipment_refusals import EquipmentCountedOn, EquipmentOutOfOrder
from scheduling.repair_plans import LEAVE
from service import check
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
DAY = timedelta(days=1)


async def a_small_stage(tx: Tx, now: datetime, *, pods: int) -> tuple[Stage, UUID]:
    """A lab with so many pods, and a test for two two weeks on; the second one is its first pod."""
    stage = await a_stage(tx, now, pods=pods)
    await stage.open(tx)
    return stage, stage.pods[0]


async def broken(tx: Tx, stage: Stage, pod: UUID, *, days: int | None = 1) -> UUID:
    begin = stage.morning.replace(hour=0)
    return await outages.enter(
        tx, equipment_id=pod, starts_at=begin, ends_at=None if days is None else begin + days * DAY, reason="Panne",
        by=None, now=stage.now,
    )  # fmt: skip


async def repair_of(tx: Tx, stage: Stage, pod: UUID, *, days: int | None = None) -> repairs.Repair:
    begin = stage.morning.replace(hour=0)
    made = await repairs.propose(
        tx, centre_id=stage.centre, trouble="equipment", subject_id=pod, starts_at=begin,
        ends_at=None if days is None else begin + days * DAY, reason="Panne", by=None, now=stage.now,
    )  # fmt: skip
    return await repairs.get(tx, made)


async def mended(tx: Tx, stage: Stage, repair: repairs.Repair) -> list[str]:
    """What each session's way is; it is applied, and the audit finds nothing."""
    proposal = await repairs.plan(tx, repair, wanted={}, by=None, now=stage.now)
    assert proposal.refused == {}
    await repairs.apply(tx, repair.id, {one.session_id: one.chosen for one in proposal.mended}, by=None, now=stage.now)
    await tx.execute("set constraints all immediate")
    await tx.execute("set constraints all deferred")
    assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []
    return [one.chosen.kind for one in proposal.mended]


async def held(tx: Tx, session: UUID) -> set[UUID]:
    rows = await tx.fetch(
        "select equipment_id from scheduling.equipment_reservations where session_id = $1 and released_at is null",
        session,
    )
    return {row["equipment_id"] for row in rows}


async def test_nothing_is_entered_over_tests_and_no_test_gets_what_is_entered(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=3)
    async with refused(tx, EquipmentCountedOn):
        await broken(tx, stage, pod)
    spare = stage.pods[2]
    outage = await broken(tx, stage, spare)
    other = await stage.draft(tx, starts_at=stage.morning + 2 * DAY, seats=3)
    assert spare in await held(tx, other)
    beside = await sessions.plan(
        tx, sessions.Plan(await stage.another_room(tx), stage.unit, "fr", stage.morning, 1), by=None, now=now
    )
    async with refused(tx, EquipmentOutOfOrder):
        await equipment_reservations.reserve(tx, beside, spare)
    async with refused(tx, refusals.EquipmentShort):
        await equipment_reservations.reserve_what_is_needed(tx, beside)
    async with refused(tx, refusals.EquipmentShort):
        await equipment_reservations.reserve_for_all(tx, [beside])
    assert (await tx.fetchval("select scheduling.seat_limits($1)", beside))["equipment"] == 0
    await outages.put_back(tx, outage, by=None, now=now)
    assert await equipment_reservations.reserve_what_is_needed(tx, beside) == 1


async def test_the_last_word_counts(tx: Tx, now: datetime) -> None:
    """Until Friday, then nobody knows, then until tomorrow: one line, from the first day."""
    stage, _ = await a_small_stage(tx, now, pods=3)
    begin = stage.morning.replace(hour=0)
    for days in (4, None, 1):
        await broken(tx, stage, stage.pods[2], days=days)
    (one,) = await outages.of_centre(tx, stage.centre, now=now)
    assert (one.name, one.starts_at, one.ends_at, one.planned) == ("Pod 3", begin, begin + DAY, 0)
    assert await outages.of_centre(tx, stage.centre, now=begin + DAY) == []  # over by itself
    async with refused(tx, refusals.NotFound):
        await outages.put_back(tx, stage.room, by=None, now=now)


async def test_a_move_takes_what_is_in_order_at_the_new_time(tx: Tx, now: datetime) -> None:
    stage, pod = await a_small_stage(tx, now, pods=3)
    session = await tx.fetchval("select id from scheduling.sessions")
    begin = stage.morning.replace(hour=0) + 2 * DAY
    await outages.enter(
        tx, equipment_id=pod, starts_at=begin, ends_at=begin + DAY, reason="Entretien", by=None, now=now
    )
    await sessions.move(tx, session, starts_at=stage.morning + 2 * DAY, room_id=stage.room, by=None, now=now)
    assert await held(tx, session) == {*stage.pods[1:]}
    await outages.enter(tx, equipment_id=pod, starts_at=begin + DAY, ends_at=None, reason="Panne", by=None, now=now)
    await outages.enter(
        tx, equipment_id=stage.pods[1], starts_at=begin + DAY, ends_at=None, reason="Panne", by=None, now=now
    )
    async with refused(tx, refusals.EquipmentShort):
        await sessions.move(tx, session, starts_at=stage.morning + 3 * DAY, room_id=stage.room, by=None, now=now)


async def test_a_seat_that_nobody_has_is_given_up_before_anybody_is_moved(tx: Tx, now: datetime) -> None:
    """Two pods, two seats, one candidate: nobody knows how long the pod is broken, and nobody notices."""
    stage, pod = await a_small_stage(tx, now, pods=2)
    session = await tx.fetchval("select id from scheduling.sessions")
    booking = await bookings.book(tx, session, await stage.candidate(tx), by=None, now=now)
    assert await mended(tx, stage, await repair_of(tx, stage, pod)) == ["fewer"]
    assert ((await sessions.get(tx, session)).seats, await held(tx, session)) == (1, {stage.pods[1]})
    assert (await bookings.get(tx, booking)).released_at is None
    (one,) = await outages.of_centre(tx, stage.centre, now=now)
    assert (one.equipment_id, one.ends_at, one.planned) == (pod, None, 0)


@pytest.mark.parametrize(("days", "way"), [(2, "move"), (None, "cancel")])
async def test_a_full_test_moves_to_when_the_pod_is_back_and_never_keeps_it(
    tx: Tx, now: datetime, days: int | None, way: str
) -> None:
    """Both seats are taken, and there is no third pod. Where nobody knows when it is back, moving helps nobody."""
    stage, pod = await a_small_stage(tx, now, pods=2)
    session = await tx.fetchval("select id from scheduling.sessions")
    for _ in range(2):
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=now)
    repair = await repair_of(tx, stage, pod, days=days)
    proposal = await repairs.plan(tx, repair, wanted={}, by=None, now=now)
    assert "leave" not in {option.kind for one in proposal.mended for option in one.options}
    async with refused(tx, EquipmentCountedOn):
        await repairs.apply(tx, repair.id, {session: LEAVE}, by=None, now=now)
    assert await mended(tx, stage, repair) == [way]
    after = await sessions.get(tx, session)
    assert after.state == "cancelled" if way == "cancel" else after.starts_at == stage.morning + 2 * DAY


async def test_a_full_test_moves_within_the_outage_to_when_others_are_free(tx: Tx, now: datetime) -> None:
    """The third pod is at work next door on that day only. The second test, next door, keeps it."""
    stage, pod = await a_small_stage(tx, now, pods=3)
    session = await tx.fetchval("select id from scheduling.sessions")
    for _ in range(2):
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=now)
    await stage.draft(tx, room_id=await stage.another_room(tx), seats=1)
    assert await mended(tx, stage, await repair_of(tx, stage, pod)) == ["move"]
    after = await sessions.get(tx, session)
    assert (after.starts_at, await held(tx, session)) == (stage.morning + DAY, {*stage.pods[1:]})


async def test_what_looked_possible_and_is_not_is_said_with_its_reason(tx: Tx, now: datetime) -> None:
    """A rule that the search does not know forbids every move, and the cancellation: nothing is left, and that is said."""
    stage, pod = await a_small_stage(tx, now, pods=2)
    session = await tx.fetchval("select id from scheduling.sessions")
    for _ in range(2):
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=now)
    await tx.execute(
        """create function pg_temp.no() returns trigger language plpgsql as
           $$ begin perform service.refuse('accreditation_missing'); end $$;
           create trigger no before update of test_time, cancelled_at on scheduling.sessions
               for each row execute function pg_temp.no()"""
    )
    proposal = await repairs.plan(tx, await repair_of(tx, stage, pod, days=2), wanted={}, by=None, now=now)
    (one,) = proposal.mended
    assert (one.chosen, proposal.refused) == (LEAVE, {session: EquipmentCountedOn})
    assert {option.kind: rule for option, rule in proposal.tried[session]} == {
        "move": refusals.AccreditationMissing, "cancel": refusals.AccreditationMissing,
    }  # fmt: skip


async def test_a_test_that_has_begun_goes_on(tx: Tx, now: datetime) -> None:
    """Its pod breaks while it runs: that is entered at once, and the test may still grow by its extra time."""
    stage, pod = await a_small_stage(tx, now, pods=2)
    session = await tx.fetchval("select id from scheduling.sessions")
    at = stage.morning + timedelta(hours=1)
    await outages.enter(tx, equipment_id=pod, starts_at=at, ends_at=None, reason="Panne", by=None, now=at)
    await tx.execute("update scheduling.sessions set extra_minutes = 10 where id = $1", session)
    assert pod in await held(tx, session)
