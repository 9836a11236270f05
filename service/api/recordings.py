"""Recordings: each assessor's rated grid; sealed, and hidden from the others until all are submitted."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import ratings, recordings
from assessments.grids import ItemCode
from assessments.marking import Mark, Rating
from assessments.refusals import (
    AlreadyDeliberated,
    CandidateNotAttended,
    IndicatorUnknown,
    MotiveMissing,
    NotInJury,
    RatingDisputed,
    RatingMissing,
    ReasonMissing,
    RecordingAlreadyStarted,
    RecordingNotSubmitted,
    RecordingSubmitted,
)
from service import auth, reach, versions
from service.api.described import refusals
from service.api.fields import Remarks
from service.provide import Db, Now

TAGS = ["recordings"]
RATES: tuple[recordings.Role, ...] = ("evaluator", "observer")


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """As what the caller sits on the jury."""

    role: recordings.Role


class Ratings(Struct, frozen=True, forbid_unknown_fields=True):
    """Any number of ratings, and remarks where they change. "not_observed" needs its reason."""

    ratings: Annotated[list[Rating], Meta(max_length=500)]
    remarks: Remarks | None = None


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """What a submitted rating should say. `reason`: why it was not observed; `motive`: why it is corrected."""

    indicator: ItemCode
    rating: Mark
    motive: Annotated[str, Meta(min_length=1, max_length=800)]
    reason: Annotated[str, Meta(max_length=800)] = ""


class Other(Struct, frozen=True):
    """Somebody else's recording: that it is there, and what it says once it may be read."""

    assessor_id: UUID
    role: recordings.Role
    submitted: bool
    recording: recordings.Recording | None


class Reading(Struct, frozen=True):
    """`unsealed`: an evaluator's and an observer's are in, and nobody is writing."""

    unsealed: bool
    own: recordings.Recording | None
    others: list[Other]


class Submission(Struct, frozen=True):
    """`digest`: the SHA-256 of what was submitted."""

    id: UUID
    digest: str


@post(
    "/bookings/{booking_id:uuid}/recordings",
    tags=TAGS,
    guards=[auth.may("recordings", "record")],
    responses=refusals(NotInJury, CandidateNotAttended, RecordingAlreadyStarted, AlreadyDeliberated),
)
async def start(
    booking_id: FromPath[UUID], data: JSONBody[Start], me: auth.Me, db: Db, now: Now
) -> Response[recordings.Recording]:
    """Begin to record for a candidate who is there."""
    async with db.transaction() as tx:
        await reach.sits_before_booking(tx, me, booking_id, *RATES)
        recording_id = await recordings.start(tx, booking_id, auth.own(me.assessor_id), data.role, now=now)
        begun = await recordings.get(tx, recording_id)
    return versions.shown(begun, status=201)


@get(
    "/recordings/{recording_id:uuid}",
    tags=TAGS,
    guards=[auth.may("recordings", "rate")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(recording_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[recordings.Recording]:
    """My own recording, with the ETag that changing it asks for."""
    async with db.read() as tx:
        await reach.writes_recording(tx, me, recording_id)
        return versions.shown(await recordings.get(tx, recording_id))


@get(
    "/bookings/{booking_id:uuid}/recordings",
    tags=TAGS,
    guards=[auth.may("recordings", "read")],
    responses=refusals(NotInJury, codes=(401, 403, 404)),
)
async def read(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> Reading:
    """My own recording; the others' only once an evaluator and an observer submitted and nobody is writing."""
    async with db.read() as tx:
        await reach.sits_before_booking(tx, me, booking_id)
        reading = await recordings.read(tx, booking_id, reader_assessor_id=auth.own(me.assessor_id))
    return Reading(reading.unsealed, reading.own, [_shown(other) for other in reading.others])


def _shown(other: recordings.Recording | recordings.Sealed) -> Other:
    if isinstance(other, recordings.Sealed):
        return Other(other.assessor_id, other.role, other.submitted, None)
    return Other(other.assessor_id, other.role, other.submitted_at is not None, other)


@put(
    "/recordings/{recording_id:uuid}/ratings",
    tags=TAGS,
    guards=[auth.may("recordings", "rate"), versions.stated],
    responses=refusals(
        RecordingSubmitted, IndicatorUnknown, ReasonMissing, RatingDisputed, codes=(401, 403, 404, 412, 422, 428)
    ),
)
async def rate(
    recording_id: FromPath[UUID], data: JSONBody[Ratings], if_match: versions.IfMatch, me: auth.Me, db: Db, now: Now
) -> Response[recordings.Recording]:
    """Write or rewrite ratings of my own recording; those not named stay. If-Match is the ETag of the recording as it was
    read: what another device of mine wrote meanwhile is not overwritten unseen."""
    async with db.transaction() as tx:
        await reach.writes_recording(tx, me, recording_id)
        await ratings.hold(tx, recording_id, by=me.assessor_id)
        versions.refuse_stale(if_match, await recordings.get(tx, recording_id))
        await ratings.rate(tx, recording_id, data.ratings, by=me.assessor_id, now=now)
        if data.remarks is not None:
            await recordings.remark(tx, recording_id, data.remarks, by=me.assessor_id)
        written = await recordings.get(tx, recording_id)
    return versions.shown(written)


@put(
    "/recordings/{recording_id:uuid}/submission",
    tags=TAGS,
    guards=[auth.may("recordings", "submit")],
    responses=refusals(RecordingSubmitted, RatingMissing, codes=(401, 403, 404)),
)
async def submit(recording_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Submission:
    """Seal it: every indicator is rated, and nothing changes any more."""
    async with db.transaction() as tx:
        await reach.writes_recording(tx, me, recording_id)
        digest = await recordings.submit(tx, recording_id, by=me.assessor_id, now=now)
    return Submission(recording_id, digest)


@post(
    "/recordings/{recording_id:uuid}/corrections",
    tags=TAGS,
    guards=[auth.may("recordings", "rate")],
    responses=refusals(RecordingNotSubmitted, AlreadyDeliberated, IndicatorUnknown, ReasonMissing, MotiveMissing),
)
async def correct(
    recording_id: FromPath[UUID], data: JSONBody[Correction], me: auth.Me, db: Db, now: Now
) -> Submission:
    """Correct one rating of what I submitted, until the jury deliberates: an entry with its reason, and a new digest."""
    async with db.transaction() as tx:
        await reach.writes_recording(tx, me, recording_id)
        rating = Rating(data.indicator, data.rating, data.reason)
        digest = await recordings.correct(tx, recording_id, rating, data.motive, by=me.assessor_id, now=now)
    return Submission(recording_id, digest)


HANDLERS = [start, one, read, rate, submit, correct]
