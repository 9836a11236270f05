"""A screening gives a profile: scores by domain, told once."""

from datetime import datetime

import asyncpg
import pytest

from assessments import profiles, ratings, recommendations, recordings, refusals
from assessments.marking import Score
from tests.builders.assessments import SCREENING, Sitting, a_sitting, all_met, news
from tests.builders.refused import refused

Tx = asyncpg.Connection


async def submitted(tx: Tx, sitting: Sitting, now: datetime) -> None:
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    async with refused(tx, refusals.ProfileTooEarly):
        await profiles.release(tx, sitting.booking, now=now)
    await ratings.rate(tx, recording, all_met(i1_3="not_met", i2_2="not_observed"), by=None, now=now)
    await recordings.submit(tx, recording, by=None, now=now)


async def test_the_profile_is_computed_from_what_the_evaluator_submitted(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=SCREENING)
    await submitted(tx, sitting, now)
    profile = await profiles.release(tx, sitting.booking, now=now)
    assert profile.scores == (Score("1", 2, 3, 3, 67), Score("2", 1, 1, 2, 100))
    assert await profiles.release(tx, sitting.booking, now=now) == profile
    assert await news(tx, "profile") == ["profile.released"]


async def test_a_validation_gives_no_profile(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    async with refused(tx, refusals.NotAScreening):
        await profiles.release(tx, sitting.booking, now=now)


async def test_what_is_recommended_is_written_down_until_the_profile_is_released(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=SCREENING)
    code = await tx.fetchval("select code from assessments.units limit 1")
    said = {"units": [code, "ZZZZ-1"], "trainings": [" Échelles, 2 jours ", "", "Néerlandais"]}
    await recommendations.put(tx, sitting.booking, units=[], trainings=["Autre chose"], by=None, now=now)
    await recommendations.put(tx, sitting.booking, **said, by=None, now=now)
    found = await recommendations.of_booking(tx, sitting.booking)
    assert ([one.code for one in found.units], found.trainings) == ([code], ("Échelles, 2 jours", "Néerlandais"))
    await submitted(tx, sitting, now)
    await profiles.release(tx, sitting.booking, now=now)
    async with refused(tx, refusals.ProfileAlreadyReleased):
        await recommendations.put(tx, sitting.booking, units=[], trainings=["Plus tard"], by=None, now=now)
    assert await recommendations.of_booking(tx, sitting.booking) == found


async def test_after_a_validation_nothing_is_recommended(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    async with refused(tx, refusals.NotAScreening):
        await recommendations.put(tx, sitting.booking, units=[], trainings=["Échelles"], by=None, now=now)


async def test_a_screening_never_becomes_a_certificate(tx: Tx, now: datetime) -> None:
    """Whoever writes past the verbs: no jury's word, no decision; and were there one, still no certificate."""
    sitting = await a_sitting(tx, now=now, scheme=SCREENING)
    await submitted(tx, sitting, now)
    for guarded in (JURY_SAYS, DECISION):
        with pytest.raises(asyncpg.CheckViolationError, match="has no decisions"):
            async with tx.transaction():
                await tx.execute(guarded, sitting.booking, sitting.evaluator, now)
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(JURY_SAYS, sitting.booking, sitting.evaluator, now)
    await tx.execute(DECISION, sitting.booking, sitting.evaluator, now)
    await tx.execute("set local session_replication_role = origin")
    with pytest.raises(asyncpg.CheckViolationError, match="issues no certificate"):
        async with tx.transaction():
            await tx.execute(CERTIFICATE, sitting.booking, now)


JURY_SAYS = """
    insert into assessments.deliberations (booking_id, proposal, evaluator_vote, observer_vote, manager_vote, outcome,
                                           deliberated_at, recorded_by)
    values ($1, 'pass', 'pass', 'pass', 'pass', 'pass', $3, $2)"""
DECISION = """
    insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile, taken_by,
                                       taken_at, released_at)
    select b.id, coalesce((select l.id from assessments.deliberations l where l.booking_id = b.id), b.id), b.candidate_id,
           b.unit_id, 'pass', 'cvdc', $2, $3, $3 from scheduling.bookings b where b.id = $1"""
CERTIFICATE = """
    insert into certificates.register (decision_id, candidate_id, unit_id, centre_id, year, number, public_code, holder_name,
        birth_date, language, unit_code, unit_label, trade_label, scheme_label, centre_name, municipality, standard_version,
        jury_date, issued_at)
    select c.decision_id, c.candidate_id, c.unit_id, c.centre_id, 2026, 1, repeat('x', 26), c.holder_name, c.birth_date,
           c.language, c.unit_code, c.unit_label, c.trade_label, c.scheme_label, c.centre_name, c.municipality,
           c.standard_version, c.jury_date, $2
    from certificates.certifiable c join assessments.decisions d on d.id = c.decision_id where d.booking_id = $1"""
