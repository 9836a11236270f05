"""A candidate takes a seat, keeps it, gives it back; and why one is refused (invariants 1, 2, 6 to 10)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import attendance, bookings, places, refusals, sessions
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
POLICY = bookings.CancellationPolicy(late_hours=48)


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def taken(tx: Tx, session_id: object) -> tuple[int, int]:
    """The counter and the count, which are always the same."""
    row = await tx.fetchrow(
        """select s.taken, (select count(*) from scheduling.bookings b where b.session_id = s.id and b.released_at is null)
           from scheduling.sessions s where s.id = $1""",
        session_id,
    )
    assert row is not None
    return row[0], row[1]


async def topics(tx: Tx) -> list[str]:
    return [row["topic"] for row in await tx.fetch("select topic from service.outbox order by id")]


async def test_a_booking_takes_a_seat_and_tells(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    booking = await bookings.get(tx, booking_id)
    assert (booking.state, booking.starts_at) == ("confirmed", stage.morning)
    assert await taken(tx, session_id) == (1, 1)
    assert await topics(tx) == ["jury_seat.given"] * 3 + ["session.opened", "booking.confirmed"]


async def test_the_last_seat_is_the_last(tx: Tx, stage: Stage) -> None:
    session_id, _ = await stage.booked(tx)
    await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    assert (await sessions.get(tx, session_id)).state == "full"
    async with refused(tx, refusals.SessionFull):
        await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    assert await taken(tx, session_id) == (2, 2)


async def test_the_constraint_holds_where_the_verb_does_not_ask(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    async with refused(tx, refusals.SessionFull):
        await tx.execute("update scheduling.sessions set taken = seats + 1 where id = $1", session_id)


async def test_a_session_takes_bookings_between_opening_and_lock(tx: Tx, stage: Stage) -> None:
    candidate = await stage.candidate(tx)
    draft = await stage.draft(tx, room_id=await stage.another_room(tx), seats=1)
    async with refused(tx, refusals.SessionNotOpen):
        await bookings.book(tx, draft, candidate, by=None, now=stage.now)
    session_id = await stage.open(tx)
    async with refused(tx, refusals.SessionNotOpen):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.morning)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    async with refused(tx, refusals.SessionNotOpen):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)
    async with refused(tx, refusals.NotFound):
        await bookings.book(tx, candidate, candidate, by=None, now=stage.now)


async def test_a_candidate_is_in_one_place_and_books_a_unit_once(tx: Tx, now: datetime) -> None:
    one, other = await a_stage(tx, now), await a_stage(tx, now)
    candidate = await one.candidate(tx)
    await bookings.book(tx, await one.open(tx), candidate, by=None, now=now)
    async with refused(tx, refusals.CandidateBusy):
        await bookings.book(tx, await other.open(tx), candidate, by=None, now=now)
    next_week = await one.open(tx, starts_at=one.morning + timedelta(days=7))
    async with refused(tx, refusals.UnitAlreadyBooked):
        await bookings.book(tx, next_week, candidate, by=None, now=now)


async def test_who_books_a_session_twice_is_told_of_the_booking_they_have(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    candidate = (await bookings.get(tx, booking_id)).candidate_id
    async with refused(tx, refusals.UnitAlreadyBooked):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


async def test_eighteen_on_the_test_date(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    day = stage.morning.date()
    async with refused(tx, refusals.CandidateTooYoung):
        young = await stage.candidate(tx, birth_date=date(day.year - 18, day.month, day.day + 1))
        await bookings.book(tx, session_id, young, by=None, now=stage.now)
    grown = await stage.candidate(tx, birth_date=date(day.year - 18, day.month, day.day))
    assert await bookings.book(tx, session_id, grown, by=None, now=stage.now)


@pytest.mark.parametrize("kind", ["kinship", "professional"])
@pytest.mark.parametrize("member", ["evaluator", "observer", "manager"])
async def test_kin_and_colleagues_do_not_judge(tx: Tx, stage: Stage, kind: str, member: str) -> None:
    session_id = await stage.open(tx)
    candidate = await stage.candidate(tx)
    await stage.link(tx, getattr(stage, member), candidate, kind)
    async with refused(tx, refusals.AssessorKnowsCandidate):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


@pytest.mark.parametrize(("member", "allowed"), [("evaluator", True), ("observer", False), ("manager", False)])
async def test_a_teacher_may_evaluate_only(tx: Tx, stage: Stage, member: str, allowed: bool) -> None:
    session_id = await stage.open(tx)
    candidate = await stage.candidate(tx)
    await stage.link(tx, getattr(stage, member), candidate, "teaching")
    if allowed:
        assert await bookings.book(tx, session_id, candidate, by=None, now=stage.now)
    else:
        async with refused(tx, refusals.AssessorKnowsCandidate):
            await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


async def test_nobody_sits_on_the_jury_of_their_own_test(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    await tx.execute(
        """insert into assessments.candidates (id, given_name, family_name, birth_date, email, language, status,
                                               registered_at)
           select id, given_name, family_name, '1980-01-01', email, 'fr', 'worker', $2 from assessments.assessors
           where id = $1""",
        stage.evaluator,
        stage.now,
    )
    async with refused(tx, refusals.AssessorKnowsCandidate):
        await bookings.book(tx, session_id, stage.evaluator, by=None, now=stage.now)
    other = await a_stage(tx, stage.now)
    async with refused(tx, refusals.CandidateBusy):
        await bookings.book(tx, await other.open(tx), stage.evaluator, by=None, now=stage.now)


async def test_granted_extra_time_lengthens_the_real_occupation(tx: Tx, stage: Stage) -> None:
    """A third more of 240 minutes: eighty minutes during which room, jury and candidate are not free."""
    session_id = await stage.open(tx)
    candidate = await stage.candidate(tx)
    await tx.execute(
        """insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at, granted_at)
           values ($1, 'extra_time', 33, $2, $2)""",
        candidate,
        stage.now,
    )
    booking = await bookings.get(tx, await bookings.book(tx, session_id, candidate, by=None, now=stage.now))
    assert booking.extra_minutes == 80
    assert booking.ends_at == stage.morning + timedelta(minutes=320)
    async with refused(tx, refusals.RoomBusy):
        await stage.draft(tx, starts_at=stage.morning + timedelta(minutes=300))
    late = await tx.fetchval(
        "select upper(during) from scheduling.jury_seats where session_id = $1 limit 1", session_id
    )
    assert late == stage.morning + timedelta(minutes=350)


async def without_equipment(tx: Tx, session_id: UUID) -> None:
    """So that only its room is taken."""
    await tx.execute("delete from scheduling.equipment_reservations where session_id = $1", session_id)


async def test_extra_time_that_does_not_fit_is_refused(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    await without_equipment(tx, await stage.draft(tx, starts_at=stage.morning + timedelta(minutes=300)))
    candidate = await stage.candidate(tx)
    await tx.execute(
        """insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at, granted_at)
           values ($1, 'extra_time', 33, $2, $2)""",
        candidate,
        stage.now,
    )
    async with refused(tx, refusals.RoomBusy):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


async def test_extra_time_that_fits_neither_room_nor_equipment_names_the_room(tx: Tx, stage: Stage) -> None:
    """Another room is the way out. In another room the equipment is the reason, and it is said."""
    session_id = await stage.open(tx)
    next_test = await stage.draft(tx, starts_at=stage.morning + timedelta(minutes=300))
    candidate = await stage.candidate(tx)
    await tx.execute(
        """insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at, granted_at)
           values ($1, 'extra_time', 33, $2, $2)""",
        candidate,
        stage.now,
    )
    async with refused(tx, refusals.RoomBusy):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)
    await sessions.move(
        tx, next_test, starts_at=stage.morning + timedelta(minutes=300), room_id=await stage.another_room(tx), by=None,
        now=stage.now,
    )  # fmt: skip
    async with refused(tx, refusals.EquipmentBusy):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


@pytest.mark.parametrize(("hours", "release"), [(48, "cancelled_early"), (47, "cancelled_late")])
async def test_a_cancellation_frees_the_seat_early_or_late(tx: Tx, stage: Stage, hours: int, release: str) -> None:
    session_id, booking_id = await stage.booked(tx)
    at = stage.morning - timedelta(hours=hours)
    assert await bookings.cancel(tx, booking_id, policy=POLICY, by=None, now=at) == release
    assert await taken(tx, session_id) == (0, 0)
    async with refused(tx, refusals.NotInThatState):
        await bookings.cancel(tx, booking_id, policy=POLICY, by=None, now=at)


async def test_the_day_itself(tx: Tx, stage: Stage) -> None:
    """Locked, convoked, identity seen, contract signed, begun; who did not come is said before it begins."""
    session_id, booking_id = await stage.booked(tx)
    absent = await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    async with refused(tx, refusals.NotInThatState):
        await attendance.check_in(tx, booking_id, by=None, now=stage.now)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    assert await attendance.convoke_all(tx, session_id, now=stage.now) == 2
    assert await attendance.convoke_all(tx, session_id, now=stage.now) == 0

    at = stage.morning - timedelta(minutes=10)
    async with refused(tx, refusals.NotInThatState):
        await attendance.sign_contract(tx, booking_id, now=at)
    await attendance.check_in(tx, booking_id, by=None, now=at)
    async with refused(tx, refusals.ContractUnsigned):
        await sessions.start(tx, session_id, by=None, now=stage.morning)
    await attendance.sign_contract(tx, booking_id, now=at)
    async with refused(tx, refusals.ContractUnsigned):
        await sessions.start(tx, session_id, by=None, now=stage.morning)
    await bookings.release_seat(tx, absent, "no_show", by=None, now=stage.morning)
    await sessions.start(tx, session_id, by=None, now=stage.morning)
    assert await attendance.attend_all(tx, session_id, now=stage.morning) == 1
    assert (await bookings.get(tx, booking_id)).state == "attended"

    await sessions.end(tx, session_id, by=None, now=stage.morning + timedelta(hours=4))
    assert not await sessions.close_if_settled(tx, session_id, now=stage.morning + timedelta(hours=5))
    await attendance.close(tx, booking_id, now=stage.morning + timedelta(hours=5))
    assert await sessions.close_if_settled(tx, session_id, now=stage.morning + timedelta(hours=5))


async def test_the_search_finds_places_and_says_why_not(tx: Tx, stage: Stage) -> None:
    session_id, _ = await stage.booked(tx)
    code = await tx.fetchval("select code from assessments.units where id = $1", stage.unit)
    candidate = await stage.candidate(tx, birth_date=date(2015, 1, 1))
    wish = places.Wish(unit=code, language="fr", since=datetime(2026, 9, 10, tzinfo=UTC))
    found = await places.search(tx, wish, candidate_id=candidate, now=stage.now)
    assert [(place.session_id, place.free) for place in found] == [(session_id, 1)]
    assert found[0].refusals == (refusals.CandidateTooYoung,)
    anyone = await places.search(tx, wish, candidate_id=None, now=stage.now)
    assert anyone[0].refusals == ()
    for other in (
        places.Wish(unit=code, language="nl"),
        places.Wish(unit=code, until=stage.now),
        places.Wish(unit="X"),
    ):
        assert await places.search(tx, other, candidate_id=None, now=stage.now) == []


async def test_every_refusal_of_the_search_is_the_one_of_the_booking(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    booked = (await bookings.get(tx, booking_id)).candidate_id
    await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    reasons = await bookings.refusals(tx, session_id, booked, now=stage.now)
    assert reasons == [refusals.UnitAlreadyBooked, refusals.SessionFull]
    assert await bookings.refusals(tx, session_id, booked, now=stage.morning) == [refusals.SessionNotOpen, *reasons]
