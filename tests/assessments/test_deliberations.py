"""The grid proposes, the jury decides (invariant 12)."""

from datetime import datetime

import asyncpg
import pytest

from assessments import deliberations, ratings, recordings, refusals
from assessments.deliberations import Votes
from assessments.marking import Mark, Outcome
from tests.builders.assessments import SCREENING, Sitting, a_sitting, all_met, deliberated, news, recorded
from tests.builders.refused import refused

Tx = asyncpg.Connection
PASS, FAIL = Votes("pass", "pass", "pass"), Votes("fail", "fail", "fail")


@pytest.fixture
async def sitting(tx: Tx, now: datetime) -> Sitting:
    return await a_sitting(tx, now=now)


async def test_the_jury_follows_the_proposal_without_a_word(tx: Tx, now: datetime, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    await deliberations.record(tx, sitting.booking, votes=PASS, outcome="pass", by=sitting.manager, now=now)
    deliberation = await deliberations.of_booking(tx, sitting.booking)
    assert (deliberation.proposal, deliberation.outcome, deliberation.votes) == ("pass", "pass", PASS)
    assert await news(tx, "deliberation") == ["deliberation.recorded"]


@pytest.mark.parametrize(
    ("changes", "proposal", "votes"),
    [
        ({}, "pass", FAIL),
        ({"i1_1": "not_met"}, "fail", PASS),
        ({"i1_1": "not_observed"}, "undecided", PASS),  # what nobody saw is motivated whichever way it goes
        ({"i1_1": "not_observed"}, "undecided", FAIL),
    ],
)
async def test_a_departure_from_the_proposal_is_motivated(
    tx: Tx, now: datetime, sitting: Sitting, changes: dict[str, Mark], proposal: str, votes: Votes
) -> None:
    await recorded(tx, sitting, **changes)
    said: Outcome = votes.carry()
    async with refused(tx, refusals.MotivationMissing):
        await deliberations.record(
            tx, sitting.booking, votes=votes, outcome=said, motivation=" ", by=sitting.manager, now=now
        )
    await deliberations.record(
        tx, sitting.booking, votes=votes, outcome=said, motivation="Vu autrement.", by=sitting.manager, now=now
    )
    assert (await deliberations.of_booking(tx, sitting.booking)).proposal == proposal


async def test_the_outcome_is_the_one_of_most_votes(tx: Tx, now: datetime, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    votes = Votes("fail", "pass", "pass")
    async with refused(tx, refusals.OutcomeOutvoted):
        await deliberations.record(
            tx, sitting.booking, votes=votes, outcome="fail", motivation="…", by=sitting.manager, now=now
        )
    await deliberations.record(tx, sitting.booking, votes=votes, outcome="pass", by=sitting.manager, now=now)


async def test_nobody_deliberates_while_somebody_writes(tx: Tx, now: datetime, sitting: Sitting) -> None:
    async with refused(tx, refusals.DeliberationTooEarly):
        await deliberated(tx, sitting)
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await ratings.rate(tx, recording, all_met(), by=None, now=now)
    await recordings.submit(tx, recording, by=None, now=now)
    async with refused(tx, refusals.DeliberationTooEarly):
        await deliberated(tx, sitting)
    await recordings.start(tx, sitting.booking, sitting.observer, "observer", now=now)
    async with refused(tx, refusals.DeliberationTooEarly):
        await deliberated(tx, sitting)


async def test_postgresql_holds_the_rules_of_the_deliberation_too(tx: Tx, now: datetime, sitting: Sitting) -> None:
    insert = """insert into assessments.deliberations (booking_id, proposal, evaluator_vote, observer_vote,
                    manager_vote, outcome, deliberated_at, recorded_by)
                values ($1, 'pass', $2, $2, 'pass', $3, $4, $1)"""
    async with refused(tx, refusals.DeliberationTooEarly):
        await tx.execute(insert, sitting.booking, "pass", "pass", now)
    await recorded(tx, sitting)
    await tx.execute("set local session_replication_role = replica")
    begun = """insert into assessments.recordings (booking_id, assessor_id, role, started_at)
               values ($1, $2, 'evaluator', $3) returning id"""
    third = await tx.fetchval(begun, sitting.booking, sitting.manager, now)
    await tx.execute("set local session_replication_role = origin")
    async with refused(tx, refusals.DeliberationTooEarly):
        await tx.execute(insert, sitting.booking, "pass", "pass", now)
    await tx.execute("delete from assessments.recordings where id = $1", third)
    async with refused(tx, refusals.MotivationMissing):
        await tx.execute(insert, sitting.booking, "fail", "fail", now)
    async with refused(tx, refusals.OutcomeOutvoted):
        await tx.execute(insert, sitting.booking, "fail", "pass", now)
    await tx.execute(insert, sitting.booking, "pass", "pass", now)
    async with refused(tx, refusals.AlreadyDeliberated):
        await tx.execute(insert, sitting.booking, "pass", "pass", now)


async def test_a_jury_deliberates_once(tx: Tx, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    async with refused(tx, refusals.AlreadyDeliberated):
        await deliberated(tx, sitting)


async def test_a_screening_has_no_deliberation(tx: Tx, now: datetime) -> None:
    screening = await a_sitting(tx, now=now, scheme=SCREENING)
    async with refused(tx, refusals.NoJuryInScheme):
        await deliberated(tx, screening)
