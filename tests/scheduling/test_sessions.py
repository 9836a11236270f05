"""A planner opens sessions: what the room, the equipment, the jury and the accreditation allow (invariants 1 to 6)."""

from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest

from scheduling import bookings, closures, equipment_reservations, jury_seats, refusals, sessions
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def test_an_open_session_has_room_pods_and_jury(tx: Tx, stage: Stage) -> None:
    session = await sessions.get(tx, await stage.open(tx))
    assert session.state == "open"
    assert session.ends_at - session.starts_at == timedelta(minutes=240)
    assert [seat.role for seat in await jury_seats.of_session(tx, session.id)] == ["evaluator", "observer", "manager"]


async def test_a_room_is_held_from_set_up_to_tear_down(tx: Tx, stage: Stage) -> None:
    """Nine to one, thirty minutes before and after: the next session can begin its test at two."""
    await stage.draft(tx)
    async with refused(tx, refusals.RoomBusy):
        await stage.draft(tx, starts_at=stage.morning + timedelta(minutes=299))
    await stage.draft(tx, starts_at=stage.morning + timedelta(minutes=300))


async def test_a_cancelled_session_gives_everything_back(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    await sessions.cancel(tx, session_id, reason="Panne du réseau", by=None, now=stage.now)
    await jury_seats.release_all(tx, session_id, by=None, now=stage.now)
    await bookings.cancel_all(tx, session_id, by=None, now=stage.now)
    await equipment_reservations.release_all(tx, session_id, now=stage.now)
    assert (await bookings.get(tx, booking_id)).release == "cancelled_by_centre"
    assert await stage.open(tx)


async def test_a_cancellation_gives_its_reason(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    async with refused(tx, refusals.CancellationUnmotivated):
        await sessions.cancel(tx, session_id, reason="  ", by=None, now=stage.now)


async def test_a_pod_is_in_one_session_only(tx: Tx, stage: Stage) -> None:
    await stage.draft(tx, seats=3)
    elsewhere = await stage.another_room(tx)
    async with refused(tx, refusals.EquipmentShort):
        await stage.draft(tx, room_id=elsewhere, seats=2)
    await stage.draft(tx, room_id=elsewhere, seats=1)


@pytest.mark.parametrize("role", ["evaluator", "observer"])
async def test_an_assessor_is_in_one_session_only(tx: Tx, stage: Stage, role: jury_seats.Role) -> None:
    await stage.open(tx)
    other = await stage.draft(tx, room_id=await stage.another_room(tx))
    async with refused(tx, refusals.AssessorBusy):
        await jury_seats.give(tx, other, getattr(stage, role), role, by=None, now=stage.now)


async def test_a_manager_may_complete_two_juries_at_once(tx: Tx, stage: Stage) -> None:
    await stage.open(tx)
    other = await stage.draft(tx, room_id=await stage.another_room(tx))
    assert await jury_seats.give(tx, other, stage.manager, "manager", by=None, now=stage.now)


async def test_jury_members_are_distinct_and_the_manager_is_one(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    async with refused(tx, refusals.AssessorAlreadySeated):
        await jury_seats.give(tx, session_id, stage.evaluator, "manager", by=None, now=stage.now)
    async with refused(tx, refusals.ManagerAlreadySeated):
        second = await stage.assessor(tx, None, of_centre=True)
        await jury_seats.give(tx, session_id, second, "manager", by=None, now=stage.now)


async def test_who_may_not_sit(tx: Tx, stage: Stage) -> None:
    session_id = await stage.draft(tx)
    stranger = await stage.assessor(tx, None)
    dutch = await stage.assessor(tx, "observer", languages=("nl",))
    colleague = await stage.assessor(tx, "observer", of_centre=True)
    async with refused(tx, refusals.AssessorUnqualified):
        await jury_seats.give(tx, session_id, stranger, "evaluator", by=None, now=stage.now)
    async with refused(tx, refusals.AssessorUnqualified):
        await jury_seats.give(tx, session_id, stage.evaluator, "observer", by=None, now=stage.now)
    async with refused(tx, refusals.LanguageNotSpoken):
        await jury_seats.give(tx, session_id, dutch, "observer", by=None, now=stage.now)
    async with refused(tx, refusals.ObserverNotExternal):
        await jury_seats.give(tx, session_id, colleague, "observer", by=None, now=stage.now)
    async with refused(tx, refusals.ManagerNotOfCentre):
        await jury_seats.give(tx, session_id, stranger, "manager", by=None, now=stage.now)


@pytest.mark.parametrize(
    ("seats", "stations", "pods", "per_evaluator"),
    [(5, 8, 8, 4), (4, 3, 8, 4), (4, 8, 8, 3)],
    ids=["evaluators", "stations", "candidates per evaluator"],
)
async def test_seats_stay_within_capacity(
    tx: Tx, now: datetime, seats: int, stations: int, pods: int, per_evaluator: int
) -> None:
    stage = await a_stage(tx, now, stations=stations, pods=pods, per_evaluator=per_evaluator)
    async with refused(tx, refusals.SeatsExceedCapacity):
        await stage.open(tx, seats=seats)
    await stage.open(tx, seats=seats - 1 if seats < 5 else 4)


async def test_an_evaluator_is_replaced_but_not_just_released(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    seat = (await jury_seats.of_session(tx, session_id))[0]
    async with refused(tx, refusals.SeatsExceedCapacity):
        await jury_seats.release(tx, seat.id, by=None, now=stage.now)
    replacement = await stage.assessor(tx, "evaluator")
    await jury_seats.release(tx, seat.id, by=None, now=stage.now)
    await jury_seats.give(tx, session_id, replacement, "evaluator", by=None, now=stage.now)
    await tx.execute("set constraints all immediate")


async def test_opening_and_locking_ask_for_the_accreditation(tx: Tx, stage: Stage) -> None:
    await stage.accredit(tx, date(2026, 1, 1), stage.morning.date())  # ends the evening before
    async with refused(tx, refusals.AccreditationMissing):
        await stage.open(tx)
    await stage.accredit(tx, date(2026, 1, 1), stage.morning.date() + timedelta(days=1))
    session_id = await stage.open(tx)
    await stage.accredit(tx, date(2024, 1, 1), date(2026, 1, 1))
    async with refused(tx, refusals.AccreditationMissing):
        await sessions.lock(tx, session_id, by=None, now=stage.now)


async def test_a_session_locks_with_its_jury_complete(tx: Tx, stage: Stage) -> None:
    session_id = await stage.draft(tx)
    await jury_seats.give(tx, session_id, stage.evaluator, "evaluator", by=None, now=stage.now)
    await sessions.open_for_booking(tx, session_id, by=None, now=stage.now)
    async with refused(tx, refusals.JuryIncomplete):
        await sessions.lock(tx, session_id, by=None, now=stage.now)
    await jury_seats.give(tx, session_id, stage.observer, "observer", by=None, now=stage.now)
    await jury_seats.give(tx, session_id, stage.manager, "manager", by=None, now=stage.now)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    assert (await sessions.get(tx, session_id)).state == "locked"


async def test_a_test_begins_before_a_whole_jury(tx: Tx, stage: Stage) -> None:
    """The observer falls ill after the list was closed: without another one the test does not begin."""
    session_id = await stage.open(tx)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    (observer,) = [seat for seat in await jury_seats.of_session(tx, session_id) if seat.role == "observer"]
    await jury_seats.release(tx, observer.id, by=None, now=stage.now)
    async with refused(tx, refusals.JuryIncomplete):
        await sessions.start(tx, session_id, by=None, now=stage.morning)
    other = await stage.assessor(tx, "observer")
    await jury_seats.give(tx, session_id, other, "observer", by=None, now=stage.now)
    await sessions.start(tx, session_id, by=None, now=stage.morning)


async def test_closed_hours_holidays_and_works(tx: Tx, stage: Stage) -> None:
    saturday = datetime(2026, 9, 19, 7, tzinfo=UTC)
    armistice = datetime(2026, 11, 11, 8, tzinfo=UTC)
    assert await closures.close_on_public_holidays(tx, centre_id=stage.centre, year=2026) >= 10
    assert await closures.close_on_public_holidays(tx, centre_id=stage.centre, year=2026) == 0
    for starts_at in (saturday, armistice, stage.morning.replace(hour=3), stage.morning.replace(hour=17)):
        async with refused(tx, refusals.RoomClosed):
            await stage.draft(tx, starts_at=starts_at)
    day = closures.whole_day(stage.morning.date())
    await closures.close(
        tx, centre_id=stage.centre, starts_at=day[0], ends_at=day[1], reason="Travaux", room_id=stage.room, by=None,
        now=stage.now,
    )  # fmt: skip
    async with refused(tx, refusals.RoomClosed):
        await stage.draft(tx)


async def test_the_holidays_of_three_years_are_known_without_anybody_entering_them(tx: Tx, stage: Stage) -> None:
    """Once: a holiday that a centre has opened again stays open."""
    await closures.close_on_public_holidays(tx, centre_id=stage.centre, year=2026)
    assert await closures.close_on_the_holidays_to_come(tx, now=stage.now) == 24
    async with refused(tx, refusals.RoomClosed):
        await stage.draft(tx, starts_at=datetime(2028, 7, 21, 8, tzinfo=UTC))
    await tx.execute("delete from scheduling.closures where reason = 'Fête nationale'")
    assert await closures.close_on_the_holidays_to_come(tx, now=stage.now) == 0
    await stage.draft(tx, starts_at=datetime(2028, 7, 21, 8, tzinfo=UTC))


async def test_a_room_of_another_kind_does_not_suit(tx: Tx, stage: Stage) -> None:
    async with refused(tx, refusals.RoomUnsuitable):
        await stage.draft(tx, room_id=await stage.another_room(tx, kind="classroom"))


async def test_a_move_takes_everyone_along_or_nobody(tx: Tx, stage: Stage) -> None:
    """The same room at two o'clock: pods, jury and candidate follow by one update, and each of them can refuse it."""
    session_id, booking_id = await stage.booked(tx)
    afternoon = stage.morning + timedelta(hours=5)
    await sessions.move(tx, session_id, starts_at=afternoon, room_id=stage.room, by=None, now=stage.now)
    assert (await bookings.get(tx, booking_id)).starts_at == afternoon
    assert (await sessions.get(tx, session_id)).sequence == 2

    elsewhere = sessions.Plan(await stage.another_room(tx), stage.unit, "fr", stage.morning, seats=2)
    rival = await sessions.plan(tx, elsewhere, by=None, now=stage.now)
    await jury_seats.give(tx, rival, stage.observer, "observer", by=None, now=stage.now)
    async with refused(tx, refusals.AssessorBusy):
        await sessions.move(tx, session_id, starts_at=stage.morning, room_id=stage.room, by=None, now=stage.now)


async def test_a_closed_list_keeps_its_jury_whole(tx: Tx, stage: Stage) -> None:
    """Who leaves it is replaced in the same step, each role; before it closes, and once the test has begun, nobody asks."""
    session_id, _ = await stage.booked(tx)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    for seat in await jury_seats.of_session(tx, session_id):
        rule = refusals.SeatsExceedCapacity if seat.role == "evaluator" else refusals.JuryIncomplete
        async with refused(tx, rule):
            await jury_seats.release(tx, seat.id, by=None, now=stage.now)
        role = None if seat.role == "manager" else seat.role
        another = await stage.assessor(tx, role, of_centre=seat.role == "manager")
        await jury_seats.replace(tx, seat.id, another, by=None, now=stage.now)
        await tx.execute("set constraints all immediate; set constraints all deferred")
        assert another in {one.assessor_id for one in await jury_seats.of_session(tx, session_id)}
    await jury_seats.give(tx, session_id, await stage.assessor(tx, "observer"), "observer", by=None, now=stage.now)
    one_too_many = next(one for one in await jury_seats.of_session(tx, session_id) if one.role == "observer")
    await jury_seats.release(tx, one_too_many.id, by=None, now=stage.now)
    await tx.execute("set constraints all immediate; set constraints all deferred")
    await sessions.cancel(tx, session_id, reason="Panne", by=None, now=stage.now)
    await jury_seats.release_all(tx, session_id, by=None, now=stage.now)
    await tx.execute("set constraints all immediate")


async def test_a_weekly_slot_keeps_its_wall_clock_time(tx: Tx, stage: Stage) -> None:
    """Nine in Brussels is 7 o'clock UTC in October and 8 o'clock after the change; both are within opening hours."""
    for utc_hour, day in ((7, 23), (8, 30)):
        session_id = await stage.draft(tx, starts_at=datetime(2026, 10, day, utc_hour, tzinfo=UTC))
        local = await tx.fetchval(
            "select (lower(test_time) at time zone 'Europe/Brussels')::time from scheduling.sessions where id = $1",
            session_id,
        )
        assert local == time(9)


async def test_a_move_takes_other_pods_where_its_own_are_elsewhere_and_is_refused_without_any(
    tx: Tx, stage: Stage
) -> None:
    session_id = await stage.open(tx, starts_at=stage.morning + timedelta(hours=5))
    rival = await stage.draft(tx, room_id=await stage.another_room(tx))
    held = "select array_agg(equipment_id) from scheduling.equipment_reservations where session_id = $1 and released_at is null"
    before = await tx.fetchval(held, session_id)
    assert set(before) == set(await tx.fetchval(held, rival))
    async with tx.transaction():
        await sessions.move(tx, session_id, starts_at=stage.morning, room_id=stage.room, by=None, now=stage.now)
        after = await tx.fetchval(held, session_id)
        assert (len(after), set(after) & set(before)) == (2, set())
        await sessions.move(
            tx, session_id, starts_at=stage.morning + timedelta(hours=5), room_id=stage.room, by=None, now=stage.now
        )
    await stage.draft(tx, room_id=await stage.another_room(tx), seats=len(stage.pods) - 2)
    async with refused(tx, refusals.EquipmentShort):
        await sessions.move(tx, session_id, starts_at=stage.morning, room_id=stage.room, by=None, now=stage.now)


async def test_a_move_asks_again_who_is_qualified_and_old_enough(tx: Tx, stage: Stage) -> None:
    """The builders' qualifications end with 2027; someone who is eighteen on the day is not a day before."""
    session_id = await stage.open(tx)
    await stage.accredit(tx, date(2026, 1, 1), date(2030, 1, 1))
    async with refused(tx, refusals.AssessorUnqualified):
        late = datetime(2028, 1, 4, 8, tzinfo=UTC)
        await sessions.move(tx, session_id, starts_at=late, room_id=stage.room, by=None, now=stage.now)
    day = stage.morning.date()
    grown = await stage.candidate(tx, birth_date=date(day.year - 18, day.month, day.day))
    await bookings.book(tx, session_id, grown, by=None, now=stage.now)
    async with refused(tx, refusals.CandidateTooYoung):
        early = stage.morning - timedelta(days=1)
        await sessions.move(tx, session_id, starts_at=early, room_id=stage.room, by=None, now=stage.now)
