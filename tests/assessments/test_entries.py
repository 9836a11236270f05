"""What devices bring after hours without a network: once, in order, nothing overwritten and nothing lost."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import deliberations, entries, photos, ratings, recordings, refusals, syncing
from assessments.entries import Entry, Said
from assessments.marking import Rating
from assessments.recordings import Recording, Sealed
from scheduling import attendance, bookings, jury_seats, sessions
from tests.builders.assessments import PICTURE, Sitting, a_sitting, all_met, deliberated, recorded
from tests.builders.refused import refused

Tx = asyncpg.Connection


@pytest.fixture
async def sitting(tx: Tx, now: datetime) -> Sitting:
    return await a_sitting(tx, now=now)


class Device:
    """A tablet that notes down and sends when it can."""

    def __init__(self, sitting: Sitting, *, observer: bool = False) -> None:
        self.id, self.sitting, self.made = uuid4(), sitting, 0
        self.assessor = sitting.observer if observer else sitting.evaluator

    def note(self, kind: Any = "rating", **facts: Any) -> Entry:
        self.made += 1
        at = self.sitting.test_day + timedelta(minutes=self.made)
        return Entry(uuid4(), facts.pop("booking", self.sitting.booking), self.made, kind, at, **facts)

    def rate(self, indicator: str, mark: Any = "met", **facts: Any) -> Entry:
        return self.note(indicator=indicator, rating=mark, **facts)

    async def send(self, tx: Tx, *batch: Entry) -> None:
        at = self.sitting.test_day + timedelta(hours=4)
        sent = syncing.Batch(self.id, [*batch])
        await syncing.take(tx, self.sitting.session, sent, assessor_id=self.assessor, now=at)


async def grid_of(tx: Tx, sitting: Sitting, assessor: UUID | None = None) -> Recording:
    found = await tx.fetchval(
        "select id from assessments.recordings where booking_id = $1 and assessor_id = $2",
        sitting.booking,
        assessor or sitting.evaluator,
    )
    return await recordings.get(tx, found)


async def test_a_batch_is_stored_once_however_often_it_is_sent(tx: Tx, sitting: Sitting) -> None:
    tablet = Device(sitting)
    batch = [
        tablet.rate("1.1"),
        tablet.rate("1.2", "not_observed", reason="hors de vue"),
        tablet.note("note", said=Said("Calme")),
    ]
    for _ in range(3):
        await tablet.send(tx, *batch)
    assert (await grid_of(tx, sitting)).ratings == (Rating("1.1", "met"), Rating("1.2", "not_observed", "hors de vue"))
    stored = await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)
    assert [(one.id, one.sequence, one.set_aside) for one in stored] == [(one.id, one.sequence, None) for one in batch]
    await tablet.send(tx, batch[2], tablet.rate("1.3"))  # the answer was lost on the way; the rest is sent with more
    assert len((await grid_of(tx, sitting)).ratings) == 3


async def test_entries_come_in_their_order_or_not_at_all(tx: Tx, sitting: Sitting) -> None:
    tablet = Device(sitting)
    first, second, third = (tablet.rate(code) for code in ("1.1", "1.2", "1.3"))
    async with refused(tx, refusals.EntryOutOfOrder):
        await tablet.send(tx, second)
    await tablet.send(tx, second, first)
    async with refused(tx, refusals.EntryOutOfOrder):
        await tablet.send(tx, Entry(uuid4(), sitting.booking, 2, "rating", sitting.test_day, "1.3", "met"))
    await tablet.send(tx, third)
    assert len((await grid_of(tx, sitting)).ratings) == 3


async def test_the_last_word_of_one_device_counts(tx: Tx, sitting: Sitting) -> None:
    tablet = Device(sitting)
    first = tablet.rate("1.1")
    second = tablet.rate("1.1", "not_met", follows=(first.id,))
    await tablet.send(tx, first, second)
    assert (await grid_of(tx, sitting)).ratings == (Rating("1.1", "not_met"),)
    await tablet.send(tx, tablet.note(indicator="1.1", follows=(second.id,)))
    assert (await grid_of(tx, sitting)).ratings == ()  # taken back


async def test_two_devices_that_differ_are_both_kept_until_their_author_chooses(tx: Tx, sitting: Sitting) -> None:
    one, other = Device(sitting), Device(sitting)
    await one.send(tx, *(one.rate(rating.indicator) for rating in all_met()))
    await other.send(tx, other.rate("1.1", "not_met"), other.rate("1.2"))
    grid = await grid_of(tx, sitting)
    assert "1.1" not in {rating.indicator for rating in grid.ratings}
    assert Rating("1.2", "met") in grid.ratings  # they agree
    (both,) = (await entries.disputed(tx, grid.id)).values()
    assert {entry.rating for entry in both} == {"met", "not_met"}
    async with refused(tx, refusals.RatingMissing):
        await recordings.submit(tx, grid.id, by=sitting.evaluator, now=sitting.test_day)
    async with refused(tx, refusals.RatingDisputed):
        await ratings.rate(tx, grid.id, [Rating("1.1", "met")], by=sitting.evaluator, now=sitting.test_day)
    for motive in ("", " "):
        async with refused(tx, refusals.MotiveMissing):
            await ratings.choose(tx, grid.id, Rating("1.1", "met"), motive, by=sitting.evaluator, now=sitting.test_day)
    choice = other.note(
        "choice", indicator="1.1", rating="not_met", motive="Vu de près", follows=tuple(entry.id for entry in both)
    )
    await other.send(tx, choice)
    assert Rating("1.1", "not_met") in (await grid_of(tx, sitting)).ratings
    assert await entries.disputed(tx, grid.id) == {}
    assert len(await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)) == 8


async def test_the_page_settles_a_dispute_too(tx: Tx, sitting: Sitting) -> None:
    one, other = Device(sitting), Device(sitting)
    await one.send(tx, one.rate("1.1"))
    await other.send(tx, other.rate("1.1", "not_met"))
    grid = await grid_of(tx, sitting)
    await ratings.choose(
        tx, grid.id, Rating("1.1", "met"), "Deuxième regard", by=sitting.evaluator, now=sitting.test_day
    )
    assert (await grid_of(tx, sitting)).ratings == (Rating("1.1", "met"),)


async def test_what_the_page_rates_is_an_entry_too(tx: Tx, sitting: Sitting) -> None:
    grid = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=sitting.test_day)
    for mark in ("met", "met", "not_met"):
        await ratings.rate(tx, grid, [Rating("1.1", mark)], by=sitting.evaluator, now=sitting.test_day)  # type: ignore[arg-type]
    log = await entries.of_recording(tx, grid)
    assert [entry.rating for entry in log] == ["met", "not_met"]  # saying the same again is no entry
    assert log[1].follows == (log[0].id,)


async def test_entries_wait_for_a_candidate_who_is_not_marked_present_yet(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, attended=False)
    tablet = Device(sitting)
    batch = [tablet.rate("1.1"), tablet.rate("1.2")]
    await tablet.send(tx, *batch)
    assert await tx.fetchval("select count(*) from assessments.recordings") == 0
    await sessions.start(tx, sitting.session, by=None, now=sitting.test_day)
    await attendance.attend_all(tx, sitting.session, now=sitting.test_day)
    await tablet.send(tx, *batch)
    assert len((await grid_of(tx, sitting)).ratings) == 2


async def test_a_session_cancelled_meanwhile_keeps_every_entry_and_counts_none(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, attended=False)
    await sessions.cancel(tx, sitting.session, reason="Panne", by=None, now=now)
    await jury_seats.release_all(tx, sitting.session, by=None, now=now)
    await bookings.cancel_all(tx, sitting.session, by=None, now=now)
    tablet = Device(sitting)
    await tablet.send(tx, tablet.rate("1.1"), tablet.note("incident", said=Said("Chute", "accident", "SIPP")))
    stored = await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)
    assert [entry.set_aside for entry in stored] == ["session_cancelled"] * 2
    assert stored[1].said == Said("Chute", "accident", "SIPP")
    assert await tx.fetchval("select count(*) from assessments.recordings") == 0


async def test_what_comes_after_the_submission_is_set_aside(tx: Tx, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    before = await grid_of(tx, sitting)
    tablet = Device(sitting)
    await tablet.send(tx, tablet.rate("1.1", "not_met"), tablet.note("note", said=Said("Tard")))
    stored = await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)
    late = [entry.set_aside for entry in stored if entry.device_id == tablet.id]
    assert late == ["recording_submitted"] * 2
    after = await grid_of(tx, sitting)
    assert after == before
    assert after.digest == recordings.digest(after)


async def test_who_lost_the_seat_loses_no_entry_and_a_stranger_enters_nothing(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    tablet = Device(sitting)
    await tablet.send(tx, tablet.rate("1.1"))
    await tx.execute("update scheduling.jury_seats set released_at = $1 where assessor_id = $2", now, sitting.evaluator)
    await tablet.send(tx, tablet.rate("1.2"), tablet.rate("9.9"))
    stored = await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)
    assert [entry.set_aside for entry in stored] == [None, "not_in_jury", "not_in_jury"]
    stranger, manager = Device(sitting), Device(sitting)
    stranger.assessor, manager.assessor = uuid4(), sitting.manager
    for device in (stranger, manager):
        async with refused(tx, refusals.NotFound):
            await device.send(tx, device.rate("1.1"))
    other = await a_sitting(tx, now=now)
    async with refused(tx, refusals.NotFound):
        await tablet.send(tx, tablet.rate("1.1", booking=other.booking))


async def test_an_unknown_line_is_set_aside_and_holds_up_nothing(tx: Tx, sitting: Sitting) -> None:
    tablet = Device(sitting)
    await tablet.send(tx, tablet.rate("9.9"), tablet.rate("K1"), tablet.rate("1.1"))
    stored = await entries.of_session(tx, sitting.session, assessor_id=sitting.evaluator)
    assert [entry.set_aside for entry in stored] == ["indicator_unknown"] * 2 + [None]


async def test_a_correction_is_an_entry_with_a_reason_until_the_jury_deliberates(tx: Tx, sitting: Sitting) -> None:
    grid = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=sitting.test_day)
    await ratings.rate(tx, grid, all_met(), by=sitting.evaluator, now=sitting.test_day)
    wrong = Rating("1.1", "not_met")
    async with refused(tx, refusals.RecordingNotSubmitted):
        await recordings.correct(tx, grid, wrong, "Erreur", by=sitting.evaluator, now=sitting.test_day)
    first = await recordings.submit(tx, grid, by=sitting.evaluator, now=sitting.test_day)
    async with refused(tx, refusals.MotiveMissing):
        await recordings.correct(tx, grid, wrong, "", by=sitting.evaluator, now=sitting.test_day)
    async with refused(tx, refusals.NotYourRecording):
        await recordings.correct(tx, grid, wrong, "Erreur", by=sitting.observer, now=sitting.test_day)
    second = await recordings.correct(tx, grid, wrong, "Mauvais candidat", by=sitting.evaluator, now=sitting.test_day)
    stored = await recordings.get(tx, grid)
    assert first != second == stored.digest == recordings.digest(stored)
    assert wrong in stored.ratings
    log = [entry for entry in await entries.of_recording(tx, grid) if entry.indicator == "1.1"]
    assert [(entry.kind, entry.rating, entry.motive) for entry in log] == [
        ("rating", "met", ""),
        ("correction", "not_met", "Mauvais candidat"),
    ]
    observed = await recordings.start(tx, sitting.booking, sitting.observer, "observer", now=sitting.test_day)
    await ratings.rate(tx, observed, all_met(observer=True), by=None, now=sitting.test_day)
    await recordings.submit(tx, observed, by=sitting.observer, now=sitting.test_day)
    assert (await deliberations.proposed(tx, sitting.booking)).outcome == "fail"
    await deliberated(tx, sitting, "fail")
    async with refused(tx, refusals.AlreadyDeliberated):
        await recordings.correct(tx, grid, Rating("1.1", "met"), "Encore", by=sitting.evaluator, now=sitting.test_day)


async def test_what_is_noted_is_in_the_digest_and_sealed_like_the_ratings(
    tx: Tx, sitting: Sitting, now: datetime
) -> None:
    tablet, photo = Device(sitting), uuid4()
    sha256 = await photos.keep(tx, photo, sitting.booking, sitting.evaluator, PICTURE, now=now)
    await tablet.send(
        tx,
        *(tablet.rate(rating.indicator) for rating in all_met()),
        tablet.note("photo", said=Said("L’angle", photo=photo)),
        tablet.note("interruption", said=Said("Alarme", informed="Nadia Van Hove", minutes=12)),
    )
    grid = await grid_of(tx, sitting)
    assert [(one.kind, one.sha256) for one in grid.noted] == [("photo", sha256), ("interruption", None)]
    sealed = await recordings.submit(tx, grid.id, by=sitting.evaluator, now=now)
    assert sealed == recordings.digest(await recordings.get(tx, grid.id))
    (other,) = (await recordings.read(tx, sitting.booking, reader_assessor_id=sitting.observer)).others
    assert isinstance(other, Sealed)


async def test_postgresql_keeps_every_entry(tx: Tx, sitting: Sitting) -> None:
    await recorded(tx, sitting)
    for change in (
        "update assessments.entries set rating = 'not_met'",
        "update assessments.entries set motive = '–', said = '{}'",
        "delete from assessments.entries",
        "truncate assessments.entries",
    ):
        with pytest.raises(asyncpg.CheckViolationError, match="only ever added to"):
            async with tx.transaction():
                await tx.execute(change)


async def test_of_the_erased_the_marks_stay_and_every_word_and_picture_goes(
    tx: Tx, sitting: Sitting, now: datetime
) -> None:
    tablet, photo = Device(sitting), uuid4()
    await photos.keep(tx, photo, sitting.booking, sitting.evaluator, PICTURE, now=now)
    await tablet.send(tx, tablet.rate("1.1", "not_observed", reason="malaise"), tablet.note("note", said=Said("Nom")))
    await tx.execute("update assessments.candidates set erased_at = $1", now)
    for wipe in (entries.wipe, ratings.wipe, photos.erase):
        await wipe(tx, sitting.candidate)
    rows = await tx.fetch("select rating, reason, said from assessments.entries order by sequence")
    assert [tuple(row.values()) for row in rows] == [("not_observed", "–", {}), (None, "", {})]
    assert await tx.fetchval("select count(*) from assessments.photos") == 0


def test_a_photo_keeps_its_picture_and_nothing_the_camera_wrote() -> None:
    exif = b"\xff\xe1\x00\x0aExif\x00GPS"
    comment = b"\xff\xfe\x00\x07Samir"
    written = PICTURE[:2] + exif + PICTURE[2:20] + comment + PICTURE[20:] + b"hidden"
    assert photos.without_metadata(written) == PICTURE
    for wrong in (b"", b"GIF89a", PICTURE[:-2], PICTURE[:2], b"\xff\xd8\xff\xda\x00\x02ab", PICTURE + b" " * 1_500_000):
        with pytest.raises(refusals.NotAPhoto):
            photos.without_metadata(wrong)


async def test_a_photo_is_kept_once_under_its_author(tx: Tx, sitting: Sitting, now: datetime) -> None:
    photo = uuid4()
    for _ in range(2):
        sha256 = await photos.keep(tx, photo, sitting.booking, sitting.evaluator, PICTURE, now=now)
    assert await photos.image(tx, photo) == (sitting.booking, sitting.evaluator, PICTURE)
    assert sha256 == hashlib.sha256(PICTURE).hexdigest()
    async with refused(tx, refusals.NotFound):
        await photos.keep(tx, photo, sitting.booking, sitting.observer, PICTURE, now=now)
