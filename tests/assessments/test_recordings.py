"""Each member of the jury records alone; submitted means sealed, and nobody reads another's before its time."""

from datetime import datetime

import asyncpg
import msgspec
import pytest

from assessments import deliberations, ratings, recordings, refusals
from assessments.marking import Rating
from assessments.recordings import Recording, Sealed
from tests.builders.assessments import Sitting, a_sitting, all_met, an_assessor, deliberated, news, recorded
from tests.builders.refused import refused

Tx = asyncpg.Connection


@pytest.fixture
async def sitting(tx: Tx, now: datetime) -> Sitting:
    return await a_sitting(tx, now=now)


async def begun(tx: Tx, sitting: Sitting) -> Recording:
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=sitting.test_day)
    return await recordings.get(tx, recording)


async def test_only_the_jury_records_each_in_their_role_and_once(tx: Tx, now: datetime, sitting: Sitting) -> None:
    for assessor in (await an_assessor(tx, now=now), sitting.observer, sitting.manager):
        async with refused(tx, refusals.NotInJury):
            await recordings.start(tx, sitting.booking, assessor, "evaluator", now=now)
    await begun(tx, sitting)
    async with refused(tx, refusals.RecordingAlreadyStarted):
        await begun(tx, sitting)


async def test_who_did_not_attend_is_not_assessed(tx: Tx, now: datetime) -> None:
    waiting = await a_sitting(tx, now=now, attended=False)
    async with refused(tx, refusals.CandidateNotAttended):
        await begun(tx, waiting)


async def test_ratings_are_written_many_at_once_and_rewritten(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    both = [Rating("1.1", "met"), Rating("1.2", "met"), Rating("1.1", "not_met")]
    await ratings.rate(tx, recording.id, both, by=sitting.evaluator, now=now)
    await ratings.rate(tx, recording.id, [Rating("1.2", "not_observed", "hors de vue")], by=None, now=now)
    assert (await recordings.get(tx, recording.id)).ratings == (
        Rating("1.1", "not_met"),
        Rating("1.2", "not_observed", "hors de vue"),
    )


async def test_what_the_grid_does_not_know_is_not_rated(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    for code in ("9.9", "K1"):  # the check-list is the observer's
        async with refused(tx, refusals.IndicatorUnknown):
            await ratings.rate(tx, recording.id, [Rating(code, "met")], by=sitting.evaluator, now=now)


async def test_not_observed_needs_a_reason(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    async with refused(tx, refusals.ReasonMissing):
        await ratings.rate(tx, recording.id, [Rating("1.1", "not_observed", " ")], by=sitting.evaluator, now=now)


async def test_nobody_writes_in_anothers_recording(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    async with refused(tx, refusals.NotYourRecording):
        await ratings.rate(tx, recording.id, all_met(), by=sitting.observer, now=now)
    async with refused(tx, refusals.NotYourRecording):
        await recordings.submit(tx, recording.id, by=sitting.observer, now=now)
    async with refused(tx, refusals.NotYourRecording):
        await recordings.remark(tx, recording.id, "…", by=sitting.observer)


async def test_every_indicator_is_rated_before_submission(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    await ratings.rate(tx, recording.id, all_met()[1:], by=sitting.evaluator, now=now)
    async with refused(tx, refusals.RatingMissing):
        await recordings.submit(tx, recording.id, by=sitting.evaluator, now=now)


async def test_the_observer_answers_the_check_list_too(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await recordings.start(tx, sitting.booking, sitting.observer, "observer", now=now)
    await ratings.rate(tx, recording, all_met(), by=sitting.observer, now=now)
    async with refused(tx, refusals.RatingMissing):
        await recordings.submit(tx, recording, by=sitting.observer, now=now)


async def test_submitted_means_sealed_with_a_digest_anyone_can_compute(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    await ratings.rate(tx, recording.id, all_met(), by=sitting.evaluator, now=now)
    await recordings.remark(tx, recording.id, "Coupure de courant de 10 h 05 à 10 h 12.", by=sitting.evaluator)
    sealed = await recordings.submit(tx, recording.id, by=sitting.evaluator, now=now)
    for write in (
        ratings.rate(tx, recording.id, all_met(i1_1="not_met"), by=sitting.evaluator, now=now),
        ratings.clear(tx, recording.id, by=sitting.evaluator, now=now),
        recordings.remark(tx, recording.id, "", by=sitting.evaluator),
        recordings.submit(tx, recording.id, by=sitting.evaluator, now=now),
        recordings.discard(tx, recording.id, by=sitting.evaluator, now=now),
    ):
        async with refused(tx, refusals.RecordingSubmitted):
            await write
    stored = await recordings.get(tx, recording.id)
    assert stored.digest == sealed == recordings.digest(stored)
    assert recordings.digest(msgspec.structs.replace(stored, remarks="")) != sealed
    assert await news(tx, "recording") == ["recording.submitted"]


async def test_postgresql_keeps_the_seal_whatever_python_does(tx: Tx, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    for change in (
        "update assessments.ratings set rating = 'not_met'",
        "delete from assessments.ratings",
        "update assessments.recordings set remarks = 'x'",
    ):
        async with refused(tx, refusals.RecordingSubmitted):
            await tx.execute(change)


async def test_the_other_stays_sealed_until_both_have_submitted(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    await ratings.rate(tx, recording.id, all_met(i1_1="not_met"), by=sitting.evaluator, now=now)
    for submitted in (False, True):
        seen = await recordings.read(tx, sitting.booking, reader_assessor_id=sitting.observer)
        assert seen == recordings.Reading(False, None, (Sealed(sitting.evaluator, "evaluator", submitted),))
        own = await recordings.read(tx, sitting.booking, reader_assessor_id=sitting.evaluator)
        assert own.own is not None
        assert own.own.ratings[0] == Rating("1.1", "not_met")
        if not submitted:
            await recordings.submit(tx, recording.id, by=sitting.evaluator, now=now)
    with pytest.raises(refusals.DeliberationTooEarly):
        await deliberations.proposed(tx, sitting.booking)


async def test_once_both_have_submitted_the_whole_jury_reads_all(tx: Tx, now: datetime, sitting: Sitting) -> None:
    await recorded(tx, sitting, i1_1="not_met")
    for reader, others in ((sitting.evaluator, 1), (sitting.observer, 1), (sitting.manager, 2)):
        seen = await recordings.read(tx, sitting.booking, reader_assessor_id=reader)
        assert seen.unsealed
        assert [type(one) for one in seen.others] == [Recording] * others
    with pytest.raises(refusals.NotInJury):
        await recordings.read(tx, sitting.booking, reader_assessor_id=await an_assessor(tx, now=now))


async def test_a_recording_of_the_wrong_candidate_is_discarded(tx: Tx, now: datetime, sitting: Sitting) -> None:
    recording = await begun(tx, sitting)
    await ratings.rate(tx, recording.id, all_met(), by=sitting.evaluator, now=now)
    await recordings.discard(tx, recording.id, by=sitting.evaluator, now=now)
    with pytest.raises(refusals.NotFound):
        await recordings.get(tx, recording.id)


async def test_nobody_begins_to_record_after_the_deliberation(tx: Tx, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    async with refused(tx, refusals.AlreadyDeliberated):
        await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=sitting.test_day)
