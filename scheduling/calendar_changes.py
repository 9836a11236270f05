"""What changed in the calendars of centres and rooms: written by a trigger on sessions, read by scheduling.feed_since."""

from datetime import datetime, timedelta

import asyncpg

KEPT = timedelta(days=2)  # far longer than a process trusts what it keeps: service/kept_feeds.py


async def forget(tx: asyncpg.Connection, *, now: datetime) -> None:
    """Delete what nobody asks for any more."""
    await tx.execute("delete from scheduling.calendar_changes where changed_at < $1", now - KEPT)
