"""The jury's ties asked for again when it deliberates, and a session that is told as a whole."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from assessments import decisions, deliberations, links, new_tests, outcome_refusals, refusals
from tests.builders.assessments import Sitting, a_candidate, a_sitting, deliberated, news, recorded
from tests.builders.refused import refused

Tx = asyncpg.Connection


async def two_candidates(tx: Tx, now: datetime) -> list[Sitting]:
    """Two of one session, both recorded and none deliberated; in a scheme that tells a session as a whole."""
    await tx.execute("set local session_replication_role = replica")
    first = await a_sitting(tx, now=now)
    row = await tx.fetchrow("select * from scheduling.bookings where id = $1", first.booking)
    candidate = await a_candidate(tx, now=now)
    booking: UUID = await tx.fetchval(
        """insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, booked_at, confirmed_at,
               checked_in_at, contract_signed_at, attended_at, changed_at)
           select session_id, unit_id, test_time, $2, booked_at, confirmed_at, checked_in_at, contract_signed_at,
                  attended_at, changed_at from scheduling.bookings where id = $1 returning id""",
        first.booking,
        candidate,
    )
    assert row is not None
    await tx.execute("set local session_replication_role = origin")
    await tx.execute(
        "update scheduling.sessions set taken = 2, ended_at = $2 where id = $1", first.session, now + timedelta(days=15)
    )
    second = Sitting(
        booking, candidate, first.session, first.unit, first.centre, first.evaluator, first.observer, first.manager,
        first.test_day,
    )  # fmt: skip
    for sitting in (first, second):
        await recorded(tx, sitting)
    await tx.execute("update assessments.schemes set release_together = true where code = 'validation'")
    return [first, second]


async def decided(tx: Tx, sitting: Sitting) -> UUID:
    return await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=sitting.test_day)


async def test_nobody_is_told_before_the_whole_session_is_deliberated(tx: Tx, now: datetime) -> None:
    first, second = await two_candidates(tx, now)
    await deliberated(tx, first, "pass")
    decision = await decided(tx, first)
    async with refused(tx, outcome_refusals.SessionUndeliberated):
        await decisions.release(tx, decision, by=None, now=now)
    async with refused(tx, outcome_refusals.SessionUndecided):
        await decisions.release_session(tx, first.session, by=None, now=now)
    await deliberated(tx, second, "fail")
    async with refused(tx, outcome_refusals.SessionUndecided):
        await decisions.release_session(tx, first.session, by=None, now=now)
    await decided(tx, second)
    assert [await decisions.release_session(tx, first.session, by=None, now=now) for _ in range(2)] == [2, 0]
    assert await news(tx, "decision") == ["decision.released"] * 2


async def test_a_test_that_does_not_count_holds_nobody_up(tx: Tx, now: datetime) -> None:
    first, second = await two_candidates(tx, now)
    await links.declare(tx, second.observer, second.candidate, "kinship", by=None, now=now)
    await deliberated(tx, first, "pass")
    await decided(tx, first)
    async with refused(tx, outcome_refusals.JuryKnowsCandidate):
        await deliberated(tx, second, "fail")
    await new_tests.annul(tx, second.booking, by=None, now=now)
    assert await decisions.release_session(tx, first.session, by=None, now=now) == 1


async def test_a_tie_that_came_after_the_seats_bars_the_jury_from_judging(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await tx.execute(
        "update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, now + timedelta(days=15)
    )
    async with refused(tx, outcome_refusals.NoTieInJury):
        await new_tests.annul(tx, sitting.booking, by=None, now=now)
    tie = await links.declare(tx, sitting.observer, sitting.candidate, "professional", by=None, now=now)
    assert await deliberations.jury_is_tied(tx, sitting.booking)
    async with refused(tx, outcome_refusals.JuryKnowsCandidate):
        await deliberated(tx, sitting)
    async with tx.transaction():
        await links.end(tx, tie, now=now)
        await deliberated(tx, sitting)
        async with refused(tx, refusals.AlreadyDeliberated):
            await new_tests.annul(tx, sitting.booking, by=None, now=now)


async def test_who_taught_may_still_evaluate(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await tx.execute(
        "update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, now + timedelta(days=15)
    )
    await links.declare(tx, sitting.evaluator, sitting.candidate, "teaching", by=None, now=now)
    await deliberated(tx, sitting)


async def test_an_annulled_test_is_not_deliberated(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await tx.execute(
        "update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, now + timedelta(days=15)
    )
    tie = await links.declare(tx, sitting.observer, sitting.candidate, "kinship", by=None, now=now)
    for _ in range(2):
        await new_tests.annul(tx, sitting.booking, by=None, now=now)
    await links.end(tx, tie, now=now)
    async with refused(tx, outcome_refusals.TestAnnulled):
        await deliberated(tx, sitting)
    assert await news(tx, "new_test") == ["new_test.granted"]
