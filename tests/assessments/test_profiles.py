"""A screening gives a profile: scores by domain, told once."""

from datetime import datetime

import asyncpg

from assessments import profiles, ratings, recordings, refusals
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
