"""Ratings: what an assessor saw of each indicator. PostgreSQL refuses a sealed recording and an unknown indicator."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from assessments.marking import Rating
from assessments.refusals import NotFound, NotYourRecording, RecordingSubmitted


async def rate(
    tx: asyncpg.Connection, recording_id: UUID, ratings: Iterable[Rating], *, by: UUID | None, now: datetime
) -> None:
    """Write or rewrite any number of ratings; of several for one indicator the last counts.

    `by`: the assessor who rates; None: the house itself, when it replays. Refuses NotFound, NotYourRecording,
    RecordingSubmitted, IndicatorUnknown, ReasonMissing (not observed, and no reason).
    """
    await _hold(tx, recording_id, by=by)
    last = {rating.indicator: rating for rating in ratings}.values()
    await tx.execute(
        """insert into assessments.ratings (recording_id, indicator, rating, reason, rated_at)
           select $1, r.indicator, r.rating, r.reason, $5
           from unnest($2::text[], $3::text[], $4::text[]) as r (indicator, rating, reason)
           on conflict (recording_id, indicator) do update
               set rating = excluded.rating, reason = excluded.reason, rated_at = excluded.rated_at""",
        recording_id,
        [rating.indicator for rating in last],
        [rating.rating for rating in last],
        [rating.reason for rating in last],
        now,
    )


async def clear(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None) -> None:
    """Take every rating back. Refuses NotFound, NotYourRecording, RecordingSubmitted."""
    await _hold(tx, recording_id, by=by)
    await tx.execute("delete from assessments.ratings where recording_id = $1", recording_id)


async def _hold(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None) -> None:
    """Locked as submitting locks it: a weaker lock here would let two requests wait for each other for ever."""
    recording = await tx.fetchrow(
        "select assessor_id, submitted_at from assessments.recordings where id = $1 for no key update", recording_id
    )
    if recording is None:
        raise NotFound
    if by is not None and recording["assessor_id"] != by:
        raise NotYourRecording
    if recording["submitted_at"] is not None:
        raise RecordingSubmitted


async def of(tx: asyncpg.Connection, recording_ids: list[UUID]) -> dict[UUID, tuple[Rating, ...]]:
    """The ratings of each recording, by indicator code. Who may see them is for recordings.read to say."""
    rows = await tx.fetch(
        """select recording_id, indicator, rating, reason from assessments.ratings
           where recording_id = any ($1) order by recording_id, indicator""",
        recording_ids,
    )
    found: defaultdict[UUID, list[Rating]] = defaultdict(list)
    for row in rows:
        found[row["recording_id"]].append(Rating(row["indicator"], row["rating"], row["reason"]))
    return {recording_id: tuple(found[recording_id]) for recording_id in recording_ids}


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the marks stay, the words of the reasons go."""
    await tx.execute(
        """update assessments.ratings g set reason = '–'
           from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
           where r.id = g.recording_id and b.candidate_id = $1 and g.reason <> ''""",
        candidate_id,
    )
