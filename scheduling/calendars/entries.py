"""What a calendar is made of, before it is bytes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

# Long enough for a client that was away on holiday to see the cancellation before it goes.
CANCELLED_STAY = timedelta(days=30)


class Entry(Struct, frozen=True):
    """One event, its texts already in the reader's language.

    `uid` never changes; `sequence` grows with every change of time, place or status and never falls;
    `changed_at` is that last change. All three times are aware: a naive one is refused with ValueError,
    because it would be taken for the server's local time.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    sequence: int
    summary: str
    cancelled: bool = False
    location: str = ""
    description: str = ""
    url: str | None = None
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(moment.utcoffset() is None for moment in (self.starts_at, self.ends_at, self.changed_at)):
            raise ValueError("an entry's times carry their zone")
        if self.ends_at <= self.starts_at:
            raise ValueError("an entry ends after it starts (RFC 5545, 3.8.2.2)")


class Feed(Struct, frozen=True):
    """A calendar to subscribe to. `cancelled_prefix` is the caller's word for "cancelled", e.g. "Annulé"."""

    name: str
    description: str
    language: str
    cancelled_prefix: str
    entries: tuple[Entry, ...] = ()


class Party(Struct, frozen=True):
    """Who invites or is invited: a name for people and an e-mail address."""

    name: str
    email: str


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By start, then by uid: the one order in which a feed is written."""
    return sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))


def visible(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """The entries a feed still shows: a cancelled one stays 30 days after its cancellation."""
    return [entry for entry in entries if not entry.cancelled or now - entry.changed_at < CANCELLED_STAY]


def last_modified(feed: Feed) -> datetime | None:
    """The latest change among the feed's entries, in whole seconds as HTTP counts; None for an empty feed.

    An entry that leaves the feed does not move it forward: the ETag decides, this is for display and for
    clients that know no ETag.
    """
    latest = max((entry.changed_at for entry in feed.entries), default=None)
    return latest.replace(microsecond=0) if latest else None
