"""Calendars as bytes, kept by each process: of a calendar of a thousand events what changed is written, and nothing else.

Every request asks the database once: is this still the secret of an account that may see this calendar, and what in it
changed since the picture that is kept? Only what did is read and written again. A person's own calendar is short: it is
read as a whole each time, and nothing of it is kept.
"""

import asyncio
from bisect import insort
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from scheduling import feeds
from scheduling.feeds import CANCELLED_KEPT, KEPT, Picture
from service import subscriptions
from service.coalescing import Coalesced
from service.db import Database
from service.held_line import HeldLine
from service.i18n import words
from service.refusals import NotFound
from service.subscriptions import Line, Written

TRUSTED = timedelta(hours=12)  # since it was last asked about; scheduling.calendar_changes go back further
MOST_BYTES = 48_000_000
AT_A_TIME = 16  # events written before others get their turn: three milliseconds
FOR_EVER = timedelta(days=36500)


class _Kept(Struct, frozen=True):
    """`seen`: the picture it shows; `good_until`: when an event leaves it by time alone."""

    language: str
    surroundings: UUID
    seen: str
    asked_at: datetime
    good_until: datetime
    head: bytes
    lines: list[Line]
    by_session: dict[UUID, Line]
    written: Written


class KeptFeeds:
    """The calendars of centres and rooms that were asked for last."""

    def __init__(self, db: Database) -> None:
        self._db, self._line = db, HeldLine(db)
        self._since = Coalesced(self._together)
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0

    async def written(self, token_hash: bytes, *, base_url: str, now: datetime) -> Written:
        """The calendar of a secret as it is now. Refuses NotFound, and what Database.read refuses."""
        kept = self._kept.get(token_hash)
        if kept is not None and (kept.good_until <= now or now - kept.asked_at > TRUSTED):
            kept = None
        picture = await self._since((token_hash, kept.seen if kept else None))
        if picture is None:
            self._drop(token_hash)
            raise NotFound
        if kept is None or (kept.surroundings, kept.language) != (picture.surroundings, picture.feed.language):
            kept = await _whole(self._db, picture, base_url, now)
        elif picture.changed:
            kept = await _mended(self._db, token_hash, kept, picture, base_url, now)
        else:
            kept = replace(kept, seen=picture.seen, asked_at=now)
        if picture.notes_changes:
            self._keep(token_hash, kept)
        return kept.written

    async def _together(self, asked: Sequence[tuple[bytes, str | None]]) -> list[Picture | Exception | None]:
        """What many programs ask at one moment is asked once."""
        different = [*dict.fromkeys(asked)]
        async with self._line.glance() as tx:
            pictures = dict(zip(different, await feeds.since(tx, different), strict=True))
        return [pictures[one] for one in asked]

    def _keep(self, token_hash: bytes, kept: _Kept) -> None:
        self._drop(token_hash)
        self._kept[token_hash] = kept
        self._bytes += len(kept.written.body)
        while self._bytes > MOST_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, token_hash: bytes) -> None:
        if dropped := self._kept.pop(token_hash, None):
            self._bytes -= len(dropped.written.body)


async def _whole(db: Database, picture: Picture, base_url: str, now: datetime) -> _Kept:
    """All of it. What was committed since the picture is in it too, and will be told and written once more."""
    feed = picture.feed
    async with db.as_house().read() as tx:
        title = await subscriptions.title(tx, feed.kind, feed.owner_id, words(feed.language))
        events = await feeds.events(tx, feed, now=now)
    by_session: dict[UUID, Line] = {}
    lines: list[Line] = []
    for number, event in enumerate(events, start=1):
        line = by_session[event.session_id] = subscriptions.line(event, feed.language, base_url)
        lines.append(line)
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
    lines.sort()
    head = subscriptions.head(title, feed.language)
    return _Kept(
        language=feed.language,
        surroundings=picture.surroundings,
        seen=picture.seen,
        asked_at=now,
        good_until=min((_leaves(line) for line in lines), default=now + FOR_EVER),
        head=head,
        lines=lines,
        by_session=by_session,
        written=subscriptions.joined(head, lines),
    )


async def _mended(
    db: Database, token_hash: bytes, kept: _Kept, picture: Picture, base_url: str, now: datetime
) -> _Kept:
    """The same with what changed written again, or left out."""
    changed = picture.changed or []
    async with db.glance() as tx:
        events = await feeds.events_of(tx, token_hash, changed, now=now)
    by_session, good_until = dict(kept.by_session), kept.good_until
    gone = {id(line) for session in changed if (line := by_session.pop(session, None))}
    lines = [line for line in kept.lines if id(line) not in gone]
    for event in events:
        line = by_session[event.session_id] = subscriptions.line(event, kept.language, base_url)
        insort(lines, line)
        good_until = min(good_until, _leaves(line))
    return replace(
        kept,
        seen=picture.seen,
        asked_at=now,
        good_until=good_until,
        lines=lines,
        by_session=by_session,
        written=subscriptions.joined(kept.head, lines),
    )


def _leaves(line: Line) -> datetime:
    """When it is shown no more (feeds.events)."""
    end = line.starts_at + KEPT
    return min(end, line.changed_at + CANCELLED_KEPT) if line.cancelled else end
