"""Planners meet candidates, assessors and each other: one transaction is held open, the other begins inside it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import asyncpg
import pytest

from scheduling import (
    assessor_limits,
    bookings,
    invitations,
    jury_seats,
    refusals,
    regrouping,
    repairs,
    resizing,
    series,
    sessions,
)
from scheduling.refusals import Refusal
from service import check
from service import db as database
from service.db import Database
from tests.builders.stage import Stage, a_stage
from tests.races.test_bookings import Act, book, meet, seat

Tx = asyncpg.Connection


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = await database.connect(database_url, house=True)
    yield opened
    await opened.close()


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    async with db.transaction() as tx:
        return await a_stage(tx, now, pods=8)


async def sound(db: Database, stage: Stage) -> None:
    async with db.read() as tx:
        assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_session_moves_while_a_busy_candidate_books(db: Database, stage: Stage, is_first: bool) -> None:
    """They have another test at the new hour: whoever comes second is refused, and nobody is in two places."""
    async with db.transaction() as tx:
        candidate = await stage.candidate(tx)
        other = await a_stage(tx, stage.now)
        elsewhere = await other.open(tx, starts_at=stage.morning + timedelta(days=1))
        await bookings.book(tx, elsewhere, candidate, by=None, now=stage.now)
        session = await stage.open(tx)

    async def move(tx: Tx) -> None:
        day = stage.morning + timedelta(days=1)
        await sessions.move(tx, session, starts_at=day, room_id=stage.room, by=None, now=stage.now)

    pair: tuple[Act, Act] = (move, book(session, candidate, stage.now))
    outcome = await meet(db, *(pair if is_first else pair[::-1]))
    assert isinstance(outcome, refusals.CandidateBusy)
    await sound(db, stage)


@pytest.mark.parametrize("fewer_first", [True, False])
async def test_a_place_goes_while_somebody_books_it(db: Database, stage: Stage, fewer_first: bool) -> None:
    """The session has one place less, or the candidate has it; and no piece of equipment stays without a place."""
    async with db.transaction() as tx:
        session, _ = await stage.booked(tx, seats=2)
        candidate = await stage.candidate(tx)

    async def fewer(tx: Tx) -> None:
        await resizing.resize(tx, session, seats=1, now=stage.now)

    pair: tuple[Act, Act] = (fewer, book(session, candidate, stage.now))
    outcome = await meet(db, *(pair if fewer_first else pair[::-1]))
    assert isinstance(outcome, refusals.SessionFull)
    async with db.read() as tx:
        found = await sessions.get(tx, session)
        pieces = await tx.fetchval(
            "select count(*) from scheduling.equipment_reservations where session_id = $1 and released_at is null",
            session,
        )
    assert (found.seats, found.taken, pieces) == ((1, 1, 1) if fewer_first else (2, 2, 2))
    await sound(db, stage)


async def test_an_invitation_is_answered_once(db: Database, stage: Stage) -> None:
    for yes_first in (True, False):
        async with db.transaction() as tx:
            session = await stage.draft(tx, starts_at=stage.morning + timedelta(days=int(yes_first)))
            invitation = await invitations.invite(
                tx, session, stage.observer, "observer", answer_by=stage.now + timedelta(days=2), by=None, now=stage.now
            )

        async def accept(tx: Tx, invitation=invitation) -> None:  # type: ignore[no-untyped-def]
            await invitations.accept(tx, invitation, now=stage.now)

        async def decline(tx: Tx, invitation=invitation) -> None:  # type: ignore[no-untyped-def]
            await invitations.decline(tx, invitation, by=None, now=stage.now)

        outcome = await meet(db, *((accept, decline) if yes_first else (decline, accept)))
        assert isinstance(outcome, refusals.InvitationOver)
        async with db.read() as tx:
            assert (await invitations.get(tx, invitation)).state == ("accepted" if yes_first else "declined")


async def test_two_centres_invite_one_observer(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        here = await stage.draft(tx)
        there = await stage.draft(tx, room_id=await stage.another_room(tx))

    def invite(session) -> Act:  # type: ignore[no-untyped-def]
        return lambda tx: invitations.invite(
            tx, session, stage.observer, "observer", answer_by=stage.now + timedelta(days=2), by=None, now=stage.now
        )

    assert isinstance(await meet(db, invite(here), invite(there)), refusals.AssessorBusy)


async def test_a_list_closes_while_an_observer_is_invited(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session = await stage.open(tx)
        second = await stage.assessor(tx, "observer")

    async def invite(tx: Tx) -> None:
        await invitations.invite(
            tx, session, second, "observer", answer_by=stage.now + timedelta(days=2), by=None, now=stage.now
        )

    async def lock(tx: Tx) -> None:
        await sessions.lock(tx, session, by=None, now=stage.now)

    assert isinstance(await meet(db, invite, lock), refusals.InvitationUnanswered)


async def test_one_session_a_day_is_one_session_a_day(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        limit = assessor_limits.Limits(sessions_per_day=1)
        await assessor_limits.put(tx, stage.evaluator, limit, by=None, now=stage.now)
        morning, afternoon = await stage.draft(tx), await stage.draft(tx, starts_at=stage.morning + timedelta(hours=5))
    acts = [seat(session, stage.evaluator, "evaluator", stage.now) for session in (morning, afternoon)]
    assert isinstance(await meet(db, acts[0], acts[1]), refusals.AssessorOverLimit)


@pytest.mark.parametrize("is_first", [True, False])
async def test_two_sessions_merge_while_somebody_books(db: Database, stage: Stage, is_first: bool) -> None:
    """Booking the one that goes: either they move along, or they are told that it takes no bookings."""
    async with db.transaction() as tx:
        going, staying = await stage.open(tx), await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
        await bookings.book(tx, going, await stage.candidate(tx), by=None, now=stage.now)
        candidate = await stage.candidate(tx)

    async def merge(tx: Tx) -> int:
        return await regrouping.merge(tx, going, staying, reason="Trop peu de monde", by=None, now=stage.now)

    pair: tuple[Act, Act] = (merge, book(going, candidate, stage.now))
    outcome = await meet(db, *(pair if is_first else pair[::-1]))
    async with db.read() as tx:
        taken = (await sessions.get(tx, staying)).taken
    assert (isinstance(outcome, refusals.SessionNotOpen), taken) == ((True, 1) if is_first else (False, 2))
    await sound(db, stage)


async def test_two_planners_merge_the_same_two_sessions_into_each_other(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        one, other = await stage.open(tx), await stage.open(tx, starts_at=stage.morning + timedelta(days=1))

    def merge(going, staying) -> Act:  # type: ignore[no-untyped-def]
        return lambda tx: regrouping.merge(tx, going, staying, reason="Trop peu de monde", by=None, now=stage.now)

    outcome = await meet(db, merge(one, other), merge(other, one))
    assert isinstance(outcome, Refusal)
    await sound(db, stage)


@pytest.mark.parametrize("same", [True, False])
async def test_two_repairs_at_once(db: Database, stage: Stage, same: bool) -> None:
    """The same repair twice, or two people's for the same sessions: the second is told that things have changed."""
    async with db.transaction() as tx:
        await stage.booked(tx)
        await stage.assessor(tx, "evaluator", of_centre=True)
        found = []
        for _ in range(2):
            repair = await repairs.propose(
                tx, centre_id=stage.centre, trouble="assessor", subject_id=stage.evaluator,
                starts_at=stage.morning - timedelta(hours=4), ends_at=stage.morning + timedelta(hours=9),
                reason="Imprévu", by=None, now=stage.now,
            )  # fmt: skip
            plan = await repairs.plan(tx, await repairs.get(tx, repair), wanted={}, by=None, now=stage.now)
            found.append((repair, {one.session_id: one.chosen for one in plan.mended}))

    def apply(number: int) -> Act:
        repair, choices = found[number]
        return lambda tx: repairs.apply(tx, repair, choices, by=None, now=stage.now)

    assert isinstance(await meet(db, apply(0), apply(0 if same else 1)), refusals.RepairOutdated)
    async with db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.repairs where applied_at is not null") == 1
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'repair.applied'") == 1
    await sound(db, stage)


async def test_a_series_meets_a_session_in_its_room(db: Database, stage: Stage) -> None:
    day = stage.morning.date()
    pattern = series.Pattern(
        stage.room, stage.unit, "fr", 2, "FREQ=WEEKLY;COUNT=3", day, (stage.morning + timedelta(hours=2)).time()
    )
    async with db.transaction() as tx:
        seen = await series.preview(tx, pattern, by=None, now=stage.now)
    chosen = [series.Choice(one.starts_at) for one in seen if one.starts_at]

    async def rival(tx: Tx) -> None:
        await stage.draft(tx, starts_at=chosen[1].starts_at, seats=1)

    outcome = await meet(db, rival, lambda tx: series.plan(tx, pattern, chosen, by=None, now=stage.now))
    assert isinstance(outcome, refusals.SeriesChanged)
    async with db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.sessions") == 1
        assert len(await jury_seats.of_session(tx, await tx.fetchval("select id from scheduling.sessions"))) == 0


async def test_two_evaluators_leave_a_closed_list_at_a_time(db: Database, stage: Stage) -> None:
    """One is enough, none is not: the second who leaves has to be replaced."""
    async with db.transaction() as tx:
        session = await stage.open(tx)
        await jury_seats.give(tx, session, await stage.assessor(tx, "evaluator"), "evaluator", by=None, now=stage.now)
        await sessions.lock(tx, session, by=None, now=stage.now)
        seats = [one.id for one in await jury_seats.of_session(tx, session) if one.role == "evaluator"]

    def leave(seat_id) -> Act:  # type: ignore[no-untyped-def]
        async def act(tx: Tx) -> None:
            await jury_seats.release(tx, seat_id, by=None, now=stage.now)
            await tx.execute("set constraints all immediate")

        return act

    outcome = await meet(db, leave(seats[0]), leave(seats[1]))
    assert isinstance(outcome, refusals.JuryIncomplete)
