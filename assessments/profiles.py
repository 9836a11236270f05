"""Profiles: what a screening gives, scores by domain. No jury, no Titre, no decision."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import recordings, standards
from assessments.marking import Score, profile
from assessments.refusals import NotAScreening, NotFound, ProfileTooEarly


class Profile(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    recording_id: UUID
    scores: tuple[Score, ...]
    released_at: datetime


async def release(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> Profile:
    """Compute the scores from the evaluator's submitted recording and give them to the candidate.

    Of two evaluators' recordings the one submitted first counts. Releasing again gives the same profile and tells
    nobody twice. Refuses NotFound, NotAScreening, ProfileTooEarly.
    """
    await _refuse_jury(tx, booking_id)
    recorded = await recordings.of_booking(tx, booking_id)
    submitted = [(one.submitted_at, one.id, one) for one in recorded if one.role == "evaluator" and one.submitted_at]
    if not submitted:
        raise ProfileTooEarly
    recording = min(submitted)[2]
    standard = await standards.of_booking(tx, booking_id)
    await tx.execute(
        """with released as (
               insert into assessments.profiles (booking_id, recording_id, scores, released_at)
               values ($1, $2, $3, $4) on conflict on constraint profile_already_released do nothing
               returning id, booking_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'profile.released', r.booking_id, jsonb_build_object('profile_id', r.id, 'booking_id', b.id,
                      'candidate_id', b.candidate_id, 'unit_id', b.unit_id, 'session_id', b.session_id), $4
           from released r join scheduling.bookings b on b.id = r.booking_id""",
        booking_id,
        recording.id,
        msgspec.to_builtins(profile(standard.content.grid, recording.ratings)),
        now,
    )
    return await of_booking(tx, booking_id)


async def _refuse_jury(tx: asyncpg.Connection, booking_id: UUID) -> None:
    decision_profile = await tx.fetchval(
        """select s.decision_profile from scheduling.bookings b
           join assessments.units u on u.id = b.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           where b.id = $1""",
        booking_id,
    )
    if decision_profile is None:
        raise NotFound
    if decision_profile != "none":
        raise NotAScreening


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Profile:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        "select id, booking_id, recording_id, scores, released_at from assessments.profiles where booking_id = $1",
        booking_id,
    )
    if row is None:
        raise NotFound
    scores = msgspec.convert(row["scores"], tuple[Score, ...])
    return Profile(row["id"], row["booking_id"], row["recording_id"], scores, row["released_at"])
