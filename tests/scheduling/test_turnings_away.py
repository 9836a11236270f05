"""Somebody was turned away, or noted as absent, by mistake: they have the seat again, while nothing stands against it."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from assessments import accommodations, enrolments
from assessments.enrolment_refusals import EnrolmentWithdrawn
from scheduling import (
    attendance,
    attendance_refusals,
    bookings,
    companions,
    holds,
    offers,
    priorities,
    refusals,
    sessions,
    turnings_away,
    waiting,
)
from service import check
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage
from tests.scheduling.test_refusals import has_failed, has_the_titre, needs_a_lift

Tx = asyncpg.Connection
Act = Callable[[Tx, UUID, Stage], Awaitable[None]]
DAY = timedelta(days=1)


@pytest.fixture
async def stage(tx: Tx, now: object) -> Stage:
    return await a_stage(tx, now)  # type: ignore[arg-type]


async def expected(tx: Tx, stage: Stage, **changes: object) -> tuple[UUID, UUID]:
    """A closed list with one candidate, and their booking."""
    session, booking = await stage.booked(tx, **changes)
    await sessions.lock(tx, session, by=None, now=stage.now)
    return session, booking


async def turn_away(tx: Tx, booking: UUID, stage: Stage, cause: turnings_away.Cause = "equipment") -> None:
    await turnings_away.turn_away(tx, booking, cause, by=None, now=stage.morning)


async def take_back(tx: Tx, booking: UUID, stage: Stage) -> None:
    await turnings_away.take_back(tx, booking, by=None, now=stage.morning)


async def miss(tx: Tx, booking: UUID, stage: Stage) -> None:
    await bookings.release_seat(tx, booking, "no_show", by=None, now=stage.morning)


async def find(tx: Tx, booking: UUID, stage: Stage) -> None:
    await attendance.take_back_absence(tx, booking, by=None, now=stage.morning)


BOTH = pytest.mark.parametrize(("note", "back"), [(turn_away, take_back), (miss, find)], ids=["turned away", "absent"])


async def person(tx: Tx, booking: UUID) -> UUID:
    return (await bookings.get(tx, booking)).candidate_id


async def sound(tx: Tx, stage: Stage) -> None:
    assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


async def test_nobody_is_turned_away_before_the_day_of_the_test_unless_it_has_begun(tx: Tx, stage: Stage) -> None:
    """The day is Brussels’: at nine in the evening of Greenwich it is still the day before, and at ten, midnight has come.
    The list of that day is perhaps not closed: without its whole jury it cannot be."""
    _, booking = await stage.booked(tx)
    eve = (stage.morning - DAY).replace(hour=21, minute=59)
    async with refused(tx, attendance_refusals.TurnedAwayTooEarly):
        await turnings_away.turn_away(tx, booking, "jury", by=None, now=eve)
    async with refused(tx, attendance_refusals.TurnedAwayTooEarly):  # whoever writes it
        await tx.execute(
            "update scheduling.bookings set release = 'turned_away', released_at = $2 where id = $1", booking, eve
        )
    assert await turnings_away.cause_of(tx, booking) is None
    await turnings_away.turn_away(tx, booking, "jury", by=None, now=eve + timedelta(minutes=1))
    session, late = await expected(tx, stage, starts_at=stage.morning + DAY)
    await attendance.check_in(tx, late, by=None, now=stage.morning)
    await attendance.sign_contract(tx, late, now=stage.morning)
    await sessions.start(tx, session, by=None, now=stage.morning)
    await turnings_away.turn_away(tx, late, "conduct", by=None, now=stage.morning)
    await sound(tx, stage)


@pytest.mark.parametrize("cause", ["equipment", "late"])
async def test_taken_back_they_have_the_seat_again_as_far_as_they_had_come(
    tx: Tx, stage: Stage, cause: turnings_away.Cause
) -> None:
    session, booking = await expected(tx, stage)
    await attendance.check_in(tx, booking, by=None, now=stage.morning)
    async with refused(tx, refusals.NotInThatState):
        await take_back(tx, booking, stage)
    await turn_away(tx, booking, stage, cause)
    assert (await sessions.get(tx, session)).taken == 0
    assert await priorities.is_first(tx, await person(tx, booking), stage.unit) == (cause in turnings_away.OURS)
    await take_back(tx, booking, stage)
    one = await bookings.get(tx, booking)
    assert (one.state, one.release, (await sessions.get(tx, session)).taken) == ("checked_in", None, 1)
    assert await turnings_away.cause_of(tx, booking) is None
    assert await tx.fetchval("select count(*) from scheduling.priorities") == 0
    async with refused(tx, refusals.NotInThatState):
        await take_back(tx, booking, stage)
    async with refused(tx, refusals.NotFound):
        await take_back(tx, session, stage)
    topics = await tx.fetch(
        "select topic from service.outbox where aggregate = $1 and topic ~ 'released|taken_back' order by id", booking
    )
    assert [row["topic"] for row in topics] == ["booking.released", "turning_away.taken_back"]
    await turn_away(tx, booking, stage, "conduct")
    assert await turnings_away.cause_of(tx, booking) == "conduct"
    await sound(tx, stage)


@BOTH
async def test_each_is_taken_back_by_its_own_verb_only(tx: Tx, stage: Stage, note: Act, back: Act) -> None:
    _, booking = await expected(tx, stage)
    await note(tx, booking, stage)
    async with refused(tx, refusals.NotInThatState):
        await (find if back is take_back else take_back)(tx, booking, stage)


@BOTH
async def test_in_a_test_under_way_who_has_signed_attends_at_once(tx: Tx, stage: Stage, note: Act, back: Act) -> None:
    """Who has not is noted anew before the end."""
    session, signed = await stage.booked(tx)
    unsigned = await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now)
    await sessions.lock(tx, session, by=None, now=stage.now)
    await attendance.check_in(tx, signed, by=None, now=stage.morning)
    await attendance.sign_contract(tx, signed, now=stage.morning)
    for booking in (signed, unsigned):
        await note(tx, booking, stage)
    await sessions.start(tx, session, by=None, now=stage.morning)
    for booking in (signed, unsigned):
        await back(tx, booking, stage)
    assert (await bookings.get(tx, signed)).attended_at == stage.morning
    assert (await bookings.get(tx, unsigned)).state == "confirmed"
    await attendance.check_in(tx, unsigned, by=None, now=stage.morning)
    await attendance.sign_contract(tx, unsigned, now=stage.morning)
    await sessions.end(tx, session, by=None, now=stage.morning + timedelta(hours=4))
    await sound(tx, stage)


@BOTH
@pytest.mark.parametrize("how", ["ended", "cancelled"])
async def test_until_the_session_is_over(tx: Tx, stage: Stage, how: str, note: Act, back: Act) -> None:
    session, booking = await expected(tx, stage)
    await note(tx, booking, stage)
    if how == "ended":
        await sessions.start(tx, session, by=None, now=stage.morning)
        await sessions.end(tx, session, by=None, now=stage.morning)
    else:
        await sessions.cancel(tx, session, reason="Panne", by=None, now=stage.morning)
    async with refused(tx, refusals.SessionOver):
        await back(tx, booking, stage)


@BOTH
async def test_another_place_of_theirs_stands_against_it_until_they_give_it_back(
    tx: Tx, stage: Stage, note: Act, back: Act
) -> None:
    """Booked, held, offered; what was held past its time is released first."""
    session, booking = await expected(tx, stage)
    candidate = await person(tx, booking)
    await note(tx, booking, stage)
    later = await stage.open(tx, starts_at=stage.morning + DAY)
    instead = await bookings.book(tx, later, candidate, by=None, now=stage.morning)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await back(tx, booking, stage)
    await bookings.cancel(tx, instead, policy=bookings.CancellationPolicy(), by=None, now=stage.morning)
    entry = await waiting.join(tx, candidate, stage.unit, waiting.Wish(("fr",), date(2026, 9, 1)), now=stage.morning)
    (offer,) = await offers.offer(tx, later, policy=offers.OfferPolicy(), now=stage.morning)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await back(tx, booking, stage)
    await bookings.cancel(tx, offer, policy=bookings.CancellationPolicy(), by=None, now=stage.morning)
    await holds.hold(
        tx, later, candidate, policy=holds.HoldPolicy(minutes=1), by=None, now=stage.morning - timedelta(minutes=5)
    )
    await back(tx, booking, stage)
    await waiting.serve(tx, booking, now=stage.morning)
    assert await tx.fetchval("select leaving from scheduling.waiting where id = $1", entry) == "booked"
    assert [(await sessions.get(tx, one)).taken for one in (session, later)] == [1, 0]
    await sound(tx, stage)


@BOTH
async def test_what_was_taken_since_counts_also_when_its_outcome_is_known(
    tx: Tx, stage: Stage, note: Act, back: Act
) -> None:
    """They took the test elsewhere while this one went on: there is nothing to give back."""
    _, booking = await expected(tx, stage)
    await note(tx, booking, stage)
    later = await stage.open(tx, starts_at=stage.morning + DAY)
    instead = await bookings.book(tx, later, await person(tx, booking), by=None, now=stage.morning)
    await sessions.lock(tx, later, by=None, now=stage.morning)
    await attendance.check_in(tx, instead, by=None, now=stage.morning + DAY)
    await attendance.sign_contract(tx, instead, now=stage.morning + DAY)
    await sessions.start(tx, later, by=None, now=stage.morning + DAY)
    await attendance.attend_all(tx, later, now=stage.morning + DAY)
    await attendance.close(tx, instead, now=stage.morning + DAY)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await back(tx, booking, stage)


@BOTH
async def test_what_has_changed_about_them_since_stands_against_it(tx: Tx, stage: Stage, note: Act, back: Act) -> None:
    _, booking = await expected(tx, stage)
    candidate = await person(tx, booking)
    file = await enrolments.enrol(tx, candidate, stage.unit, by=None, now=stage.now)
    await note(tx, booking, stage)

    async with refused(tx, refusals.AssessorKnowsCandidate):
        await stage.link(tx, stage.observer, candidate)
        await back(tx, booking, stage)
    async with refused(tx, EnrolmentWithdrawn):
        await enrolments.withdraw(tx, file, by=None, now=stage.morning)
        await back(tx, booking, stage)
    async with refused(tx, refusals.CandidateErased):
        await tx.execute("update assessments.candidates set erased_at = $2 where id = $1", candidate, stage.morning)
        await back(tx, booking, stage)
    for rule, happens in ((refusals.TitreAlreadyHeld, has_the_titre), (refusals.RoomNotAccessible, needs_a_lift)):
        async with refused(tx, rule):
            await happens(tx, stage, candidate)
            await back(tx, booking, stage)
    async with refused(tx, refusals.CandidateBusy):
        elsewhere = await a_stage(tx, stage.now)
        await bookings.book(tx, await elsewhere.open(tx), candidate, by=None, now=stage.now)
        await back(tx, booking, stage)
    await has_failed(tx, stage, candidate)  # asks for guidance before another booking, not of one that was made before
    await back(tx, booking, stage)


@BOTH
async def test_a_seat_that_is_gone_is_not_given_back(tx: Tx, stage: Stage, note: Act, back: Act) -> None:
    """To somebody who booked it while the list was open; one that was only held for a while, is."""
    session, booking = await stage.booked(tx, seats=1)
    await note(tx, booking, stage)
    long_ago = stage.now - timedelta(minutes=5)
    async with refused(tx, refusals.SessionFull):
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now)
        await back(tx, booking, stage)
    await holds.hold(tx, session, await stage.candidate(tx), policy=holds.HoldPolicy(minutes=1), by=None, now=long_ago)
    await back(tx, booking, stage)
    assert (await sessions.get(tx, session)).taken == 1
    await sound(tx, stage)


async def test_what_was_only_held_is_held_again_until_its_time_is_over(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx)
    early = stage.morning - timedelta(minutes=30)
    held = await holds.hold(
        tx, session, await stage.candidate(tx), policy=holds.HoldPolicy(minutes=10), by=None, now=early
    )
    await turnings_away.turn_away(tx, held, "organisation", by=None, now=early)
    async with refused(tx, refusals.NotInThatState):
        await turnings_away.take_back(tx, held, by=None, now=early + timedelta(minutes=10))
    await turnings_away.take_back(tx, held, by=None, now=early + timedelta(minutes=9))
    assert (await bookings.get(tx, held)).state == "held"


async def test_the_seat_comes_back_with_the_time_and_the_companion_that_were_granted(tx: Tx, stage: Stage) -> None:
    session, booking = await stage.booked(tx)
    candidate = await person(tx, booking)
    reading = await accommodations.request(tx, candidate, "reader", now=stage.now)
    await accommodations.grant(tx, reading, by=None, now=stage.now)
    reader = await companions.give(tx, booking, await stage.assessor(tx, None), "reader", by=None, now=stage.now)
    await turnings_away.turn_away(tx, booking, "room", by=None, now=stage.morning)
    await companions.release_unneeded(tx, booking, now=stage.now)
    more = await accommodations.request(tx, candidate, "extra_time", now=stage.now)
    await accommodations.grant(tx, more, extra_percent=25, by=None, now=stage.now)
    await turnings_away.take_back(tx, booking, by=None, now=stage.now)
    await companions.engage_again(tx, booking)
    assert [one.id for one in await companions.of_session(tx, session)] == [reader]
    assert (await bookings.get(tx, booking)).extra_minutes == 60
    assert await tx.fetchval("select extra_minutes from scheduling.sessions where id = $1", session) == 60
    await sound(tx, stage)
