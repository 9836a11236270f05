"""Alert notices: which session an alert was told of. One row for each pair, so one letter at most; whose two alerts are
answered by one place at one moment gets one letter for both."""

from datetime import datetime
from uuid import UUID

import asyncpg


async def take_as_seen(tx: asyncpg.Connection, alert_id: UUID, *, now: datetime) -> None:
    """What can be booked when an alert is made is in front of the candidate's eyes: no letter about that."""
    await tx.execute(
        """insert into scheduling.alert_notices (alert_id, session_id, seen_at)
           select m.alert_id, m.session_id, $2 from scheduling.alert_matches m
           where m.alert_id = $1 and m.starts_at > $2 on conflict (alert_id, session_id) do nothing""",
        alert_id,
        now,
    )


async def announce(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> int:
    """A place has come free, or opened, in this session: tell every alert that it answers and that was not told of it.

    Who could not book it is not told. Each letter is news of its own, in this statement; return how many.
    """
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with told as (
               insert into scheduling.alert_notices as n (alert_id, session_id, seen_at, told_at)
               select m.alert_id, m.session_id, $2, $2 from scheduling.alert_matches m
               where m.session_id = $1 and m.expires_at > $2 and m.starts_at > $2
                 and not exists (select from scheduling.booking_refusals(m.candidate_id, m.session_id, $2))
               on conflict (alert_id, session_id) do update set told_at = $2 where n.told_at is null
               returning n.alert_id, n.session_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select distinct on (a.candidate_id) 'alert.matched', a.id, jsonb_build_object('session_id', t.session_id), $2
               from told t join scheduling.alerts a on a.id = t.alert_id order by a.candidate_id, a.created_at, a.id
               returning 1)
           select count(*) from news""",
        session_id,
        now,
    )


async def unannounced(tx: asyncpg.Connection, *, most: int, now: datetime) -> list[UUID]:
    """Sessions that answer an alert which knows nothing of them: what no reaction has brought to its notice."""
    rows = await tx.fetch(
        """select distinct m.session_id from scheduling.alert_matches m
           where m.expires_at > $1 and m.starts_at > $1
             and not exists (select from scheduling.alert_notices n
                             where n.alert_id = m.alert_id and n.session_id = m.session_id)
             and not exists (select from scheduling.booking_refusals(m.candidate_id, m.session_id, $1))
           limit $2""",
        now,
        most,
    )
    return [row["session_id"] for row in rows]


async def take_back(tx: asyncpg.Connection, candidate_id: UUID, session_id: UUID) -> None:
    """The place, or the alert, was gone before the letter was written: what comes free next is news again."""
    await tx.execute(
        """delete from scheduling.alert_notices n using scheduling.alerts a
           where a.id = n.alert_id and a.candidate_id = $1 and n.session_id = $2""",
        candidate_id,
        session_id,
    )
