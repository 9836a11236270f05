"""The waiting list: in which order people are asked, what is offered to whom, and how the list moves on."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import (
    bookings,
    holds,
    jury_seats,
    offers,
    priority_groups,
    refusals,
    seats,
    sessions,
    turnings_away,
    waiting,
)
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
POLICY = bookings.CancellationPolicy()
OFFERS = offers.OfferPolicy(hours=24, lead_hours=2)
ANYTHING = waiting.Wish(languages=("fr", "nl"), earliest=date(2026, 9, 1))


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def waits(
    tx: Tx, stage: Stage, wish: waiting.Wish = ANYTHING, *, days_ago: float = 0, candidate: UUID | None = None
) -> UUID:
    candidate = candidate or await stage.candidate(tx)
    return await waiting.join(tx, candidate, stage.unit, wish, now=stage.now - timedelta(days=days_ago))


async def offered(tx: Tx, session_id: UUID, now: datetime) -> list[UUID | None]:
    """To which entries of the list the new offers went."""
    made = await offers.offer(tx, session_id, policy=OFFERS, now=now)
    return [await tx.fetchval("select waiting_id from scheduling.bookings where id = $1", one) for one in made]


async def line(tx: Tx, stage: Stage) -> list[UUID]:
    return [entry.id for entry in await waiting.of_unit(tx, stage.unit)]


async def test_who_has_waited_longer_goes_first(tx: Tx, stage: Stage) -> None:
    later, first = await waits(tx, stage, days_ago=8), await waits(tx, stage, days_ago=15)
    assert await line(tx, stage) == [first, later]
    assert [(one.place, one.length) for one in await waiting.of_unit(tx, stage.unit)] == [(1, 2), (2, 2)]


async def test_within_one_week_who_can_come_less_often_goes_first_and_gains_no_more_than_that(
    tx: Tx, stage: Stage
) -> None:
    rare = waiting.Wish(languages=("fr",), earliest=date(2026, 9, 1), mornings=(2,), afternoons=())
    open_to_all = await waits(tx, stage, days_ago=1)  # Monday of the same week
    choosy = await waits(tx, stage, rare)
    week_before = await waits(tx, stage, days_ago=4)
    assert await line(tx, stage) == [week_before, choosy, open_to_all]
    entries = {entry.id: entry for entry in await waiting.of_unit(tx, stage.unit)}
    assert entries[choosy].possibilities < entries[open_to_all].possibilities


async def test_groups_of_the_configuration_go_first(tx: Tx, stage: Stage) -> None:
    long_ago = await waits(tx, stage, days_ago=30)
    _, booking_id = await stage.booked(tx)
    turned_away = (await bookings.get(tx, booking_id)).candidate_id
    await turnings_away.turn_away(tx, booking_id, "equipment", by=None, now=stage.morning)
    first = await waits(tx, stage, candidate=turned_away)
    assert await line(tx, stage) == [first, long_ago]
    assert (await waiting.of_candidate(tx, turned_away))[0].priority == "turned_away"
    assert await priority_groups.put(tx, ["worker"])
    assert not await priority_groups.put(tx, ["worker"])
    assert await line(tx, stage) == [long_ago, first]


@pytest.mark.parametrize("cause", turnings_away.CAUSES)
async def test_who_is_turned_away_goes_first_where_the_centre_answers_for_it(
    tx: Tx, stage: Stage, cause: turnings_away.Cause
) -> None:
    """Whoever comes too late, or without a card, waits like everybody else."""
    long_ago = await waits(tx, stage, days_ago=30)
    _, booking_id = await stage.booked(tx)
    await turnings_away.turn_away(tx, booking_id, cause, by=None, now=stage.morning)
    theirs = await waits(tx, stage, candidate=(await bookings.get(tx, booking_id)).candidate_id)
    is_ours = cause in turnings_away.OURS
    assert await line(tx, stage) == ([theirs, long_ago] if is_ours else [long_ago, theirs])


async def test_a_free_seat_is_offered_to_the_first_and_the_offer_is_a_hold(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx, seats=1)
    first, second = await waits(tx, stage, days_ago=9), await waits(tx, stage)
    assert await offered(tx, session_id, stage.now) == [first]
    assert await offered(tx, session_id, stage.now) == [], "never two offers for one seat"
    booking = await offer_of(tx, first)
    assert (booking.state, booking.held_until) == ("held", stage.now + timedelta(hours=24))
    await holds.confirm(tx, booking.id, by=None, now=stage.now)
    await waiting.serve(tx, booking.id, now=stage.now)
    assert await line(tx, stage) == [second]


async def offer_of(tx: Tx, waiting_id: UUID) -> bookings.Booking:
    row = await tx.fetchval(
        "select id from scheduling.bookings where waiting_id = $1 order by booked_at desc, id limit 1", waiting_id
    )
    return await bookings.get(tx, row)


@pytest.mark.parametrize("answer", ["declines", "says nothing"])
async def test_the_list_moves_on_and_nobody_is_asked_twice_for_one_place(tx: Tx, stage: Stage, answer: str) -> None:
    session_id = await stage.open(tx, seats=1)
    first, second = await waits(tx, stage, days_ago=9), await waits(tx, stage)
    await offered(tx, session_id, stage.now)
    moment = stage.now
    if answer == "declines":
        await bookings.cancel(tx, (await offer_of(tx, first)).id, policy=POLICY, by=None, now=moment)
    else:
        moment += timedelta(hours=24)
        assert await seats.expire(tx, now=moment) == 1
    assert await offered(tx, session_id, moment) == [second]
    next_day = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    assert await offered(tx, next_day, moment) == [first], "another date is another question"


@pytest.mark.parametrize(
    ("wish", "suits"),
    [
        ({}, True),
        ({"languages": ("nl",)}, False),
        ({"centres": (UUID(int=7),)}, False),
        ({"earliest": date(2026, 9, 16)}, False),
        ({"latest": date(2026, 9, 14)}, False),
        ({"mornings": (1, 3, 4, 5)}, False),
        ({"mornings": (2,), "afternoons": ()}, True),
        ({"mornings": ()}, False),
    ],
)
async def test_only_what_suits_is_offered(tx: Tx, stage: Stage, wish: dict[str, object], suits: bool) -> None:
    """The session is in French, on Tuesday 15 September, in the morning."""
    session_id = await stage.open(tx)
    whole = {"languages": ("fr",), "earliest": date(2026, 9, 1), **wish}
    entry = await waits(tx, stage, waiting.Wish(**whole))  # type: ignore[arg-type]
    assert await offered(tx, session_id, stage.now) == ([entry] if suits else [])


async def test_an_offer_is_made_only_while_the_place_is_truly_feasible(tx: Tx, stage: Stage) -> None:
    session_id = await stage.draft(tx)
    entry = await waits(tx, stage)
    await jury_seats.give(tx, session_id, stage.evaluator, "evaluator", by=None, now=stage.now)
    await sessions.open_for_booking(tx, session_id, by=None, now=stage.now)
    assert await offered(tx, session_id, stage.now) == [], "without an observer there is no test"
    await jury_seats.give(tx, session_id, stage.observer, "observer", by=None, now=stage.now)
    await jury_seats.give(tx, session_id, stage.manager, "manager", by=None, now=stage.now)
    assert await offered(tx, session_id, stage.morning - timedelta(hours=2)) == [], "too short before"
    assert await offered(tx, session_id, stage.now) == [entry]


async def test_nobody_is_offered_what_the_rules_forbid_them(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    kin = await stage.candidate(tx)
    await stage.link(tx, stage.observer, kin)
    await waits(tx, stage, days_ago=20, candidate=kin)
    free = await waits(tx, stage)
    assert await offered(tx, session_id, stage.now) == [free]


async def test_joining_twice_keeps_the_moment_and_a_place_of_ones_own_is_refused(tx: Tx, stage: Stage) -> None:
    candidate = await stage.candidate(tx)
    once = await waits(tx, stage, days_ago=3, candidate=candidate)
    assert await waits(tx, stage, candidate=candidate) == once
    assert (await waiting.of_candidate(tx, candidate))[0].joined_at == stage.now - timedelta(days=3)
    async with refused(tx, refusals.WaitingForNothing):
        await waits(tx, stage, waiting.Wish(languages=(), earliest=date(2026, 9, 1)))
    async with refused(tx, refusals.WaitingForNothing):
        await waits(tx, stage, waiting.Wish(("fr",), date(2026, 9, 2), date(2026, 9, 1)))
    await waiting.leave(tx, once, now=stage.now)
    await bookings.book(tx, await stage.open(tx), candidate, by=None, now=stage.now)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await waits(tx, stage, candidate=candidate)
