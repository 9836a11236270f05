"""New tests: the right to another test instead of one that does not count. It is no attempt, costs nothing, and whoever
has it goes first in line; scheduling and the certificates follow by reaction."""

from datetime import datetime
from uuid import UUID

import asyncpg


async def grant(tx: asyncpg.Connection, appeal_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """What an appeal answered with a new test brings: the decision and its test do not count any more. Twice is once."""
    await _grant(tx, None, appeal_id, by=by, now=now)


async def annul(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """A tie between the jury and the candidate came to light before the deliberation: this test does not count.

    Twice is once. Refuses NoTieInJury and AlreadyDeliberated.
    """
    await _grant(tx, booking_id, None, by=by, now=now)


async def granted_at(tx: asyncpg.Connection, booking_id: UUID) -> datetime | None:
    """Since when this test does not count any more; None where it does."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select granted_at from assessments.new_tests where booking_id = $1", booking_id
    )


async def _grant(
    tx: asyncpg.Connection, booking_id: UUID | None, appeal_id: UUID | None, *, by: UUID | None, now: datetime
) -> None:
    """For the test that the appeal is about; or for the booking, whose jury has a tie."""
    await tx.execute(
        """with granted as (
               insert into assessments.new_tests (booking_id, cause, appeal_id, granted_at, granted_by)
               select d.booking_id, 'appeal', a.id, $3::timestamptz, $4::uuid
               from assessments.appeals a join assessments.decisions d on d.id = a.decision_id where a.id = $2
               union all select $1::uuid, 'conflict', null, $3, $4 where $2::uuid is null
               on conflict (booking_id) do nothing returning booking_id, cause)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'new_test.granted', g.booking_id, jsonb_build_object('booking_id', g.booking_id,
                      'candidate_id', b.candidate_id, 'unit_id', b.unit_id, 'session_id', b.session_id,
                      'cause', g.cause), $3
           from granted g join scheduling.bookings b on b.id = g.booking_id""",
        booking_id,
        appeal_id,
        now,
        by,
    )
