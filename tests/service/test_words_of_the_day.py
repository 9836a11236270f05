"""What was remarked, noted and given as a reason goes when its days are over; marks, seals and decisions stay, and what is
open waits."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import appeals, decisions, entries, links, new_tests, photos, ratings, recordings
from assessments.entries import Entry, Said
from assessments.refusals import RecordingSubmitted
from service.db import APPLICATION, Actor
from tests.builders.assessments import PICTURE, Sitting, a_sitting, all_met, deliberated
from tests.builders.reach import act
from tests.builders.refused import refused

Tx = asyncpg.Connection
DAY = timedelta(days=1)
ROWS = 3  # a note, an incident, and a rating's reason


@pytest.fixture
async def sitting(tx: Tx, now: datetime) -> Sitting:
    return await a_sitting(tx, now=now)


async def jotted(tx: Tx, sitting: Sitting) -> UUID:
    """Both have submitted; the evaluator remarked something, noted something, and reported an accident. Their recording."""
    at = sitting.test_day
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=at)
    photo = await photos.keep(tx, uuid4(), sitting.booking, sitting.evaluator, PICTURE, now=at)
    assert photo
    said = (
        Entry(uuid4(), sitting.booking, 1, "note", at, said=Said("Noor tousse")),
        Entry(uuid4(), sitting.booking, 2, "incident", at, said=Said("Noor est tombée", "accident", "Mme Claes")),
        Entry(uuid4(), sitting.booking, 3, "interruption", at, said=Said(minutes=12, step="ended")),
    )
    await entries.add(
        tx, [(one, None) for one in said], assessor_id=sitting.evaluator, role="evaluator", device_id=uuid4(), now=at
    )
    await recordings.remark(tx, recording, "Noor avait mal", by=sitting.evaluator)
    await ratings.rate(tx, recording, all_met(i1_2="not_observed"), by=sitting.evaluator, now=at)
    await recordings.submit(tx, recording, by=sitting.evaluator, now=at)
    other = await recordings.start(tx, sitting.booking, sitting.observer, "observer", now=at)
    await ratings.rate(tx, other, all_met(observer=True), by=sitting.observer, now=at)
    await recordings.submit(tx, other, by=sitting.observer, now=at)
    return recording


async def told(tx: Tx, sitting: Sitting, outcome: str = "pass") -> UUID:
    """The day after; the decision."""
    at = sitting.test_day + DAY
    await deliberated(tx, sitting, outcome)  # type: ignore[arg-type]
    decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=at)
    await decisions.release(tx, decision, by=sitting.manager, now=at)
    return decision


async def gone(tx: Tx, before: datetime, most: int = 100) -> tuple[int, int, int, int]:
    """How many entries, recordings, ratings and photographs the night clears."""
    return (
        await entries.forget(tx, before=before, most=most),
        await recordings.forget(tx, before=before, most=most),
        await ratings.forget(tx, before=before, most=most),
        await photos.forget(tx, before=before, most=most),
    )


async def test_the_words_go_when_their_days_are_over_and_the_marks_stay(tx: Tx, sitting: Sitting) -> None:
    recording = await jotted(tx, sitting)
    at = sitting.test_day + DAY
    assert await gone(tx, at + DAY) == (0, 0, 0, 0), "a result is to come"
    await told(tx, sitting)
    before = next(one for one in await recordings.of_booking(tx, sitting.booking) if one.id == recording)
    assert await gone(tx, at) == (0, 0, 0, 0), "told just then"
    assert await gone(tx, at + timedelta(seconds=1)) == (ROWS, 1, 1, 1)
    assert await gone(tx, at + DAY) == (0, 0, 0, 0), "nothing is cleared twice"
    after = next(one for one in await recordings.of_booking(tx, sitting.booking) if one.id == recording)
    assert after.remarks == ""
    assert [(one.indicator, one.rating) for one in after.ratings] == [
        (one.indicator, one.rating) for one in before.ratings
    ]
    assert {one.reason for one in after.ratings} == {"", "–"}
    assert sorted(one.said.minutes for one in after.noted) == [0, 0, 12]
    assert {one.said for one in after.noted} == {Said(), Said(minutes=12, step="ended")}
    assert after.digest == before.digest == recordings.digest(before)
    trail = await tx.fetch(
        "select changes from service.audit where action = 'recording.changed' and subject_id = $1", recording
    )
    assert [row["changes"] for row in trail] == [{"remarks": []}], "that they went, and not what they were"


async def test_an_open_appeal_keeps_them_and_its_answer_starts_the_days_anew(tx: Tx, sitting: Sitting) -> None:
    await jotted(tx, sitting)
    decision, later = await told(tx, sitting, "fail"), sitting.test_day + 2 * DAY
    appeal = await appeals.lodge(tx, decision, "Injuste", by=None, now=later)
    assert await gone(tx, later + 9 * DAY) == (0, 0, 0, 0)
    await appeals.withdraw(tx, appeal, by=None, now=later)
    assert await gone(tx, later) == (0, 0, 0, 0), "ended just then"
    assert await gone(tx, later + DAY) == (ROWS, 1, 1, 1)


@pytest.mark.parametrize("what", ["annulled", "cancelled"])
async def test_a_test_that_never_has_a_result_is_settled_too(tx: Tx, sitting: Sitting, what: str) -> None:
    await jotted(tx, sitting)
    at = sitting.test_day
    if what == "annulled":
        await tx.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, at)
        await links.declare(tx, sitting.evaluator, sitting.candidate, "kinship", by=None, now=at)
        await new_tests.annul(tx, sitting.booking, by=None, now=at)
    else:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(
            """update scheduling.sessions set cancelled_at = $2, cancellation = 'fuite', started_at = null, locked_at = null
               where id = $1""",
            sitting.session,
            at,
        )
        await tx.execute("set local session_replication_role = origin")
    assert await gone(tx, at) == (0, 0, 0, 0)
    assert await gone(tx, at + DAY) == (ROWS, 1, 1, 1)


async def test_nobody_but_the_night_wipes_what_is_sealed(tx: Tx, sitting: Sitting) -> None:
    """Neither its author nor the administrator, when it is settled; nor the night itself, before."""
    recording = await jotted(tx, sitting)
    wipe = "update assessments.recordings set remarks = '' where id = $1"
    async with refused(tx, RecordingSubmitted):
        await tx.execute(wipe, recording)
    await told(tx, sitting)
    await tx.execute(f"set local role {APPLICATION}")
    await act(tx, Actor("assessor", uuid4(), assessor=sitting.evaluator), reach="")
    async with refused(tx, RecordingSubmitted):
        await tx.execute(wipe, recording)
    assert await tx.execute("update assessments.entries set said = '{}' where said ? 'text'") == "UPDATE 0"
