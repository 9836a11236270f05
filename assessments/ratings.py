"""Ratings: what an assessor saw of each indicator, as their entries say it and as it is sealed.

PostgreSQL refuses a sealed recording and an unknown indicator.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from assessments import entries
from assessments.marking import Rating
from assessments.refusals import NotFound, NotYourRecording, RatingDisputed, RecordingSubmitted


async def rate(
    tx: asyncpg.Connection, recording_id: UUID, ratings: Iterable[Rating], *, by: UUID | None, now: datetime
) -> None:
    """Write or rewrite any number of ratings; of several for one indicator the last counts.

    `by`: the assessor who rates; None: the house itself, when it replays. Refuses NotFound, NotYourRecording,
    RecordingSubmitted, IndicatorUnknown, ReasonMissing (not observed, and no reason), RatingDisputed (two devices say
    different things: `choose`).
    """
    await hold(tx, recording_id, by=by)
    last = {rating.indicator: rating for rating in ratings}
    if not last.keys().isdisjoint(await entries.disputed(tx, recording_id)):
        raise RatingDisputed
    before = (await of(tx, [recording_id]))[recording_id]
    await entries.enter(tx, recording_id, [one for one in last.values() if one not in before], now=now)
    await derive(tx, recording_id)


async def choose(
    tx: asyncpg.Connection, recording_id: UUID, rating: Rating, motive: str, *, by: UUID | None, now: datetime
) -> None:
    """Settle what two devices say differently. Refuses what `rate` does, but RatingDisputed, and MotiveMissing."""
    await hold(tx, recording_id, by=by)
    await entries.enter(tx, recording_id, [rating], kind="choice", motive=motive, now=now)
    await derive(tx, recording_id)


async def clear(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Take every rating back, also those that two devices dispute. Refuses NotFound, NotYourRecording,
    RecordingSubmitted."""
    await hold(tx, recording_id, by=by)
    rated = [one.indicator for one in (await of(tx, [recording_id]))[recording_id]]
    codes = dict.fromkeys([*rated, *await entries.disputed(tx, recording_id)])
    await entries.enter(tx, recording_id, list(codes), now=now)
    await derive(tx, recording_id)


async def derive(tx: asyncpg.Connection, recording_id: UUID) -> None:
    """Bring the ratings up to the entries that count; where two of them differ there is none until the choice."""
    await tx.execute(
        """insert into assessments.ratings as g (recording_id, indicator, rating, reason, rated_at)
           select $1, e.indicator, e.rating, e.reason, e.at from (
               select c.indicator, min(c.rating) as rating, min(c.reason) as reason, max(c.at) as at
               from assessments.recordings r
               cross join lateral assessments.entries_that_count(r.booking_id, r.assessor_id) c
               where r.id = $1 group by c.indicator
               having count(c.rating) = count(*) and min(c.rating) = max(c.rating) and min(c.reason) = max(c.reason)) e
           where not exists (select from assessments.ratings k
                             where k.recording_id = $1 and (k.indicator, k.rating, k.reason) = (e.indicator, e.rating, e.reason))
           on conflict (recording_id, indicator) do update
               set rating = excluded.rating, reason = excluded.reason, rated_at = excluded.rated_at""",
        recording_id,
    )
    await tx.execute(
        """delete from assessments.ratings g where g.recording_id = $1 and g.indicator in (
               select c.indicator from assessments.recordings r
               cross join lateral assessments.entries_that_count(r.booking_id, r.assessor_id) c
               where r.id = $1 group by c.indicator
               having count(c.rating) < count(*) or min(c.rating) <> max(c.rating) or min(c.reason) <> max(c.reason))""",
        recording_id,
    )


async def hold(tx: asyncpg.Connection, recording_id: UUID, *, by: UUID | None) -> None:
    """Until the transaction ends nobody else rates or submits it. Refuses NotFound, NotYourRecording, RecordingSubmitted.

    Locked as submitting locks it: a weaker lock here would let two requests wait for each other for ever."""
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


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the reasons beside up to `most` marks of tests that were over before; the marks stay."""
    status = await tx.execute(
        """update assessments.ratings set reason = '–' where (recording_id, indicator) in (
               select g.recording_id, g.indicator from assessments.ratings g
               join assessments.recordings r on r.id = g.recording_id
               where g.reason not in ('', '–') and g.rated_at < $1 and assessments.over_since(r.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
