"""Recordings: one assessor's rated grid for one candidate. Sealed on submission; nobody sees another's before all of
the jury's have been submitted."""

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import entries, ratings
from assessments.marking import Rating
from assessments.refusals import (
    IndicatorUnknown,
    NotFound,
    NotInJury,
    NotYourRecording,
    RecordingNotSubmitted,
    RecordingSubmitted,
)

Role = Literal["evaluator", "observer"]


class Recording(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    assessor_id: UUID
    role: Role
    started_at: datetime
    remarks: str
    submitted_at: datetime | None
    digest: str | None
    ratings: tuple[Rating, ...]
    noted: tuple[entries.Noted, ...] = ()


class Sealed(Struct, frozen=True):
    """Another's recording before its time: that it is there, and whether it was submitted; nothing of what it says."""

    assessor_id: UUID
    role: Role
    submitted: bool


class Reading(Struct, frozen=True):
    """What a member of the jury may see. `unsealed`: an evaluator's and an observer's are in, and nobody is writing."""

    unsealed: bool
    own: Recording | None
    others: tuple[Recording | Sealed, ...]


async def start(tx: asyncpg.Connection, booking_id: UUID, assessor_id: UUID, role: Role, *, now: datetime) -> UUID:
    """Begin to record for a candidate, with what a device entered before; return the recording's id.

    Refuses NotInJury, CandidateNotAttended, RecordingAlreadyStarted, AlreadyDeliberated.
    """
    recording_id: UUID = await tx.fetchval(
        """insert into assessments.recordings (booking_id, assessor_id, role, started_at)
           values ($1, $2, $3, $4) returning id""",
        booking_id,
        assessor_id,
        role,
        now,
    )
    await ratings.derive(tx, recording_id)
    return recording_id


async def remark(tx: asyncpg.Connection, recording_id: UUID, remarks: str, *, by: UUID | None) -> None:
    """Write what no indicator holds: incidents, circumstances.

    Refuses NotFound, NotYourRecording, RecordingSubmitted.
    """
    await _hold(tx, recording_id, by=by)
    await tx.execute("update assessments.recordings set remarks = $2 where id = $1", recording_id, remarks)


async def submit(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None, now: datetime) -> str:
    """Seal what was recorded; return its digest, the SHA-256 of its canonical JSON.

    Refuses NotFound, NotYourRecording, RecordingSubmitted (also the second time), RatingMissing.
    """
    recording = await _hold(tx, recording_id, by=by)
    sealed = digest(recording)
    await tx.execute(
        """with submitted as (
               update assessments.recordings set submitted_at = $2, digest = $3 where id = $1
               returning id, booking_id, assessor_id, role)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'recording.submitted', booking_id,
                  jsonb_build_object('recording_id', id, 'assessor_id', assessor_id, 'role', role), $2
           from submitted""",
        recording_id,
        now,
        sealed,
    )
    return sealed


async def correct(
    tx: asyncpg.Connection, recording_id: UUID, rating: Rating, motive: str, *, by: UUID | None, now: datetime
) -> str:
    """Correct one rating of what is submitted, until the jury deliberates; return the new digest.

    The correction is an entry with its reason: the jury reads it beside what it replaces. Refuses NotFound,
    NotYourRecording, RecordingNotSubmitted, AlreadyDeliberated, IndicatorUnknown, ReasonMissing, MotiveMissing.
    """
    await tx.execute("select assessments.hold_test($1)", recording_id)
    await tx.execute("select from assessments.recordings where id = $1 for no key update", recording_id)
    recording = await get(tx, recording_id)
    if by is not None and recording.assessor_id != by:
        raise NotYourRecording
    if recording.submitted_at is None:
        raise RecordingNotSubmitted
    if rating.indicator not in {one.indicator for one in recording.ratings}:
        raise IndicatorUnknown
    others = (one for one in recording.ratings if one.indicator != rating.indicator)
    corrected = msgspec.structs.replace(recording, ratings=(*others, rating))
    sealed = digest(corrected)
    await entries.enter(tx, recording_id, [rating], kind="correction", motive=motive, digest=sealed, now=now)
    await ratings.derive(tx, recording_id)
    await tx.execute("update assessments.recordings set digest = $2 where id = $1", recording_id, sealed)
    return sealed


async def discard(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Remove a recording that was begun for the wrong candidate: it would hold up the jury for ever.

    Refuses NotFound, NotYourRecording, RecordingSubmitted.
    """
    await _hold(tx, recording_id, by=by)
    await ratings.clear(tx, recording_id, by=by, now=now)
    await tx.execute("delete from assessments.recordings where id = $1", recording_id)


async def _hold(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None) -> Recording:
    """The recording as nobody can change it any more until this transaction ends: first the lock, then the read."""
    await tx.execute("select from assessments.recordings where id = $1 for no key update", recording_id)
    recording = await get(tx, recording_id)
    if by is not None and recording.assessor_id != by:
        raise NotYourRecording
    if recording.submitted_at is not None:
        raise RecordingSubmitted
    return recording


async def get(tx: asyncpg.Connection, recording_id: UUID) -> Recording:
    """The recording with its ratings, for the house; a reader goes through `read`. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, assessor_id, role, started_at, remarks, submitted_at, digest
           from assessments.recordings where id = $1""",
        recording_id,
    )
    if row is None:
        raise NotFound
    noted = (await entries.noted(tx, row["booking_id"])).get(row["assessor_id"], ())
    return Recording(**row, ratings=(await ratings.of(tx, [recording_id]))[recording_id], noted=noted)


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> list[Recording]:
    """Every recording of a candidate's test with its ratings, oldest first, for the house."""
    rows = await tx.fetch(
        """select id, booking_id, assessor_id, role, started_at, remarks, submitted_at, digest
           from assessments.recordings where booking_id = $1 order by started_at, id""",
        booking_id,
    )
    rated = await ratings.of(tx, [row["id"] for row in rows])
    noted = await entries.noted(tx, booking_id)
    return [Recording(**row, ratings=rated[row["id"]], noted=noted.get(row["assessor_id"], ())) for row in rows]


async def read(tx: asyncpg.Connection, booking_id: UUID, *, reader_assessor_id: UUID) -> Reading:
    """What a member of the jury may see of a candidate's recordings: their own always, the others' once unsealed.

    Refuses NotInJury.
    """
    seated = await tx.fetchval(
        """select exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
                          where b.id = $1 and j.assessor_id = $2 and j.released_at is null)""",
        booking_id,
        reader_assessor_id,
    )
    if not seated:
        raise NotInJury
    recordings = {one.assessor_id: one for one in await of_booking(tx, booking_id)}
    there = [Sealed(**row) for row in await tx.fetch("select * from assessments.recorded($1)", booking_id)]
    open_to_all = {one.role for one in there} == {"evaluator", "observer"} and all(one.submitted for one in there)
    others = (one for one in there if one.assessor_id != reader_assessor_id)
    return Reading(
        open_to_all,
        recordings.get(reader_assessor_id),
        tuple(recordings[one.assessor_id] if open_to_all else one for one in others),
    )


def unsealed(recordings: list[Recording]) -> bool:
    """An evaluator and an observer have submitted, and nobody is still writing."""
    return {one.role for one in recordings} == {"evaluator", "observer"} and all(
        one.submitted_at is not None for one in recordings
    )


def digest(recording: Recording) -> str:
    """SHA-256 of what a recording says, in hexadecimal: whoever holds the ratings can compute it again.

    Canonical JSON: keys sorted, no spaces, UTF-8; the ratings in the order of their codes, then what was noted beside
    them in the order of the entries' ids, if anything was: each with its kind, its words, and the SHA-256 of a photograph.
    """
    said: dict[str, object] = {
        "booking": str(recording.booking_id),
        "assessor": str(recording.assessor_id),
        "role": recording.role,
        "remarks": recording.remarks,
        "ratings": sorted([one.indicator, one.rating, one.reason] for one in recording.ratings),
    }
    if recording.noted:
        said["noted"] = [
            [str(one.id), one.kind, msgspec.to_builtins(one.said), one.sha256]
            for one in sorted(recording.noted, key=lambda one: str(one.id))
        ]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the remarks go, the one change a seal lets through; the digest is still of what they were."""
    await tx.execute(
        """update assessments.recordings r set remarks = ''
           from scheduling.bookings b where b.id = r.booking_id and b.candidate_id = $1 and r.remarks <> ''""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the remarks of up to `most` grids of tests that were over before, of which nothing is to come; hashes stay."""
    status = await tx.execute(
        """update assessments.recordings set remarks = '' where id in (
               select r.id from assessments.recordings r
               where r.remarks <> '' and r.started_at < $1 and assessments.over_since(r.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
