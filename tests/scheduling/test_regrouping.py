"""A centre regroups its sessions: nobody is lost on the way, and whoever loses a place through us goes first in line."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, holds, jury_seats, priorities, refusals, regrouping, sessions, turnings_away
from scheduling.drafts import Seat
from scheduling.turnings_away import CAUSES, OURS, Cause
from service import check
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now, pods=8)


async def book(tx: Tx, stage: Stage, session: UUID, many: int) -> list[UUID]:
    return [await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now) for _ in range(many)]


async def half(tx: Tx, stage: Stage, **changes: object) -> regrouping.Half:
    roles: tuple[jury_seats.Role, ...] = ("evaluator", "observer", "manager")
    jury = [Seat(await _person(tx, stage, role), role) for role in roles]
    facts = {"room_id": await stage.another_room(tx), "starts_at": stage.morning, "seats": 2, "jury": tuple(jury)}
    return regrouping.Half(**{**facts, **changes})  # type: ignore[arg-type]


async def _person(tx: Tx, stage: Stage, role: jury_seats.Role) -> UUID:
    return await stage.assessor(tx, None if role == "manager" else role, of_centre=role == "manager")


async def sound(tx: Tx, stage: Stage) -> None:
    assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


async def test_a_session_is_split_in_two(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx, seats=4)
    booked = await book(tx, stage, session, 4)
    second = await regrouping.split(tx, session, await half(tx, stage), booked[2:], by=None, now=stage.now)
    await tx.execute("set constraints all immediate")
    assert [(await sessions.get(tx, each)).taken for each in (session, second)] == [2, 2]
    assert (await sessions.get(tx, second)).state == "full"
    assert [(await bookings.get(tx, each)).release for each in booked] == [None, None, *["cancelled_by_centre"] * 2]
    await sound(tx, stage)


async def test_a_split_that_somebody_cannot_follow_changes_nothing(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx, seats=4)
    booked = await book(tx, stage, session, 3)
    candidate = (await bookings.get(tx, booked[2])).candidate_id
    wanted = await half(tx, stage)
    await stage.link(tx, wanted.jury[1].assessor_id, candidate)
    before = await tx.fetchval("select count(*) from service.outbox")
    other = (await bookings.get(tx, booked[1])).candidate_id
    await tx.execute("update assessments.candidates set given_name = 'Aya' where id = $1", other)
    await stage.link(tx, wanted.jury[0].assessor_id, other)
    with pytest.raises(refusals.AssessorKnowsCandidate) as caught:  # all who cannot, with their names
        async with tx.transaction():
            await regrouping.split(tx, session, wanted, booked, by=None, now=stage.now)
    named = [(one.about, one.booking_id) for one in caught.value.args]
    assert named == [("Aya Peeters", booked[1]), ("Noor Peeters", booked[2])]
    assert await tx.fetchval("select count(*) from scheduling.sessions") == 1
    assert await tx.fetchval("select count(*) from service.outbox") == before
    busy = await half(tx, stage, jury=(Seat(stage.evaluator, "evaluator"),))
    async with refused(tx, refusals.AssessorBusy):
        await regrouping.split(tx, session, busy, booked[1:], by=None, now=stage.now)
    async with refused(tx, refusals.NotInThatState):
        await regrouping.split(tx, session, await half(tx, stage), [], by=None, now=stage.now)


async def test_two_sessions_become_one(tx: Tx, stage: Stage) -> None:
    first, second = (
        await stage.open(tx, seats=4),
        await stage.open(tx, seats=4, starts_at=stage.morning + timedelta(days=1)),
    )
    await book(tx, stage, first, 1)
    moved = await book(tx, stage, second, 2)
    assert await regrouping.merge(tx, second, first, reason="Trop peu de monde", by=None, now=stage.now) == 2
    assert [(await sessions.get(tx, each)).state for each in (first, second)] == ["open", "cancelled"]
    assert (await sessions.get(tx, first)).taken == 3
    assert {(await bookings.get(tx, each)).release for each in moved} == {"cancelled_by_centre"}
    await sound(tx, stage)


@pytest.mark.parametrize("how", ["merge", "split", "cancel"])
async def test_what_is_only_held_follows_as_held_and_what_has_lapsed_does_not(tx: Tx, stage: Stage, how: str) -> None:
    """Nobody is booked who has not said yes, and nobody waits for a candidate who has long gone."""
    session, later = await stage.open(tx, seats=3), stage.now + timedelta(minutes=8)
    into = await stage.open(tx, starts_at=stage.morning + timedelta(days=1), seats=3)
    held = [
        await holds.hold(
            tx, session, await stage.candidate(tx), policy=holds.HoldPolicy(minutes), by=None, now=stage.now
        )
        for minutes in (5, 10)
    ]
    if how == "merge":
        assert await regrouping.merge(tx, session, into, reason="peu", by=None, now=later) == 1
    elif how == "split":
        other = await half(tx, stage, starts_at=stage.morning + timedelta(days=1))
        async with refused(tx, refusals.NotInThatState):
            await regrouping.split(tx, session, other, held[:1], by=None, now=later)
        await regrouping.split(tx, session, other, held[1:], by=None, now=later)
    else:
        moved = await regrouping.cancel(tx, session, reason="panne", rebook=True, by=None, now=later)
        assert [(one.booking_id, one.session_id) for one in moved] == [(held[1], into)]
    await tx.execute("set constraints all immediate")
    assert (await bookings.get(tx, held[0])).release == "expired"
    (live,) = await tx.fetch("select id, session_id from scheduling.bookings where released_at is null")
    follows = await bookings.get(tx, live["id"])
    assert (follows.state, follows.held_until) == ("held", stage.now + timedelta(minutes=10))
    assert live["session_id"] != session
    await holds.confirm(tx, live["id"], by=None, now=later)
    await sound(tx, stage)


async def test_only_what_is_alike_and_fits_is_merged(tx: Tx, stage: Stage) -> None:
    first = await stage.open(tx, seats=1)
    dutch = await stage.open(tx, seats=2, language="nl", starts_at=stage.morning + timedelta(days=1))
    second = await stage.open(tx, seats=2, starts_at=stage.morning + timedelta(days=2))
    await book(tx, stage, second, 2)
    for into, refusal in (
        (dutch, refusals.SessionsDiffer),
        (second, refusals.SessionsDiffer),
        (first, refusals.SessionFull),
    ):
        async with refused(tx, refusal):
            await regrouping.merge(tx, second, into, reason="Trop peu de monde", by=None, now=stage.now)
    assert (await sessions.get(tx, second)).taken == 2


async def test_a_cancelled_session_gives_everybody_the_nearest_place_or_the_first(tx: Tx, stage: Stage) -> None:
    """Two places are left a day later, in the same language: the third candidate goes first in line."""
    session = await stage.open(tx, seats=4)
    booked = await book(tx, stage, session, 3)
    far = await stage.open(tx, seats=1, starts_at=stage.morning + timedelta(days=9))
    near = await stage.open(tx, seats=1, starts_at=stage.morning + timedelta(days=1))
    await stage.open(tx, seats=4, language="nl", starts_at=stage.morning + timedelta(days=2))
    moved = await regrouping.cancel(tx, session, reason="Inondation", rebook=True, by=None, now=stage.now)
    assert [each.session_id for each in moved] == [near, far, None]
    people = [(await bookings.get(tx, each.booking_id)).candidate_id for each in moved]
    assert {each.booking_id for each in moved} == set(booked)
    assert [await priorities.is_first(tx, who, stage.unit) for who in people] == [False, False, True]
    assert moved[0].new_booking_id is not None
    policy = bookings.CancellationPolicy()
    await bookings.cancel(tx, moved[0].new_booking_id, policy=policy, by=None, now=stage.now)
    assert await priorities.is_first(tx, people[0], stage.unit)
    await sound(tx, stage)


async def test_a_session_is_split_until_its_hour(tx: Tx, stage: Stage) -> None:
    session, booking = await stage.booked(tx)
    other = await half(tx, stage, starts_at=stage.morning + timedelta(days=1))
    async with refused(tx, refusals.NotInThatState):
        await regrouping.split(tx, session, other, [booking], by=None, now=stage.morning)
    await regrouping.split(tx, session, other, [booking], by=None, now=stage.morning - timedelta(minutes=1))


@pytest.mark.parametrize("cause", CAUSES)
async def test_the_cause_decides_who_bears_it(tx: Tx, stage: Stage, cause: Cause) -> None:
    session, booking = await stage.booked(tx)
    await sessions.lock(tx, session, by=None, now=stage.now)
    await turnings_away.turn_away(tx, booking, cause, by=None, now=stage.morning)
    one = await bookings.get(tx, booking)
    assert (one.release, await turnings_away.cause_of(tx, booking)) == ("turned_away", cause)
    assert await priorities.is_first(tx, one.candidate_id, stage.unit) == (cause in OURS)
    async with refused(tx, refusals.NotInThatState):
        await turnings_away.turn_away(tx, booking, cause, by=None, now=stage.morning)
    assert len(await jury_seats.of_session(tx, session)) == 3
    await sound(tx, stage)
